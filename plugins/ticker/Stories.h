#pragma once

#include <string>

#include "Payload.h"

namespace sluice::ticker {

/// The fields of a message behind its number, as `,"name":value,...`. Functions of the options, the
/// topic and the number alone.
void appendOrder(std::string& out, const Options& options, const Tick& tick);
void appendPrice(std::string& out, const Options& options, const Tick& tick);
void appendSensor(std::string& out, const Options& options, const Tick& tick);
void appendFlight(std::string& out, const Options& options, const Tick& tick);

/// Which of the keys a message has.
std::uint64_t keyIndex(const Options& options, const Tick& tick);
/// Whether the message ends the life of its key, and so has no payload.
bool isRefund(const Options& options, const Tick& tick);

}  // namespace sluice::ticker
