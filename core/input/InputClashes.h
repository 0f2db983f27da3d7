#pragma once

#include <span>
#include <string>
#include <vector>

#include "input/InputOptions.h"

namespace sluice {

/// Two inputs that want what only one of them can have. Nothing would tell at start: libzmq takes a
/// path away from the socket that has it, brokers dismiss the client that had the id before.
struct InputClash {
    SourceMark mark, earlier;  // of the settings of both, in the order of the inputs
    std::string message, hint;
};

/// All of them, as far as the plugins that come with Sluice go: addresses that two inputs of zeromq
/// bind, client ids of MQTT, consumers of Redis that two inputs are. Asks no resolver, so it may
/// miss some, of names that mean the same. Pure.
std::vector<InputClash> clashesAmong(std::span<const InputOptions> inputs);

}  // namespace sluice
