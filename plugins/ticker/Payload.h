#pragma once

#include <cstdint>
#include <string>

#include "Options.h"

namespace sluice::ticker {

/// One message, before it is text.
struct Tick {
    std::uint64_t n = 0;      // its number in its topic, from 0
    std::uint64_t topic = 0;  // index of the topic
    std::int64_t dueUs = 0;   // microseconds since the Unix epoch
};

/// Appends the key of a message. A function of seed, topic and number alone.
void appendKey(std::string& out, const Options& options, const Tick& tick);
/// Appends the payload, padded to the wanted size. With `scheduled` the due time too decides.
void appendPayload(std::string& out, const Options& options, const Tick& tick);

}  // namespace sluice::ticker
