#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sluice/plugin.hpp>

#include "Keys.h"
#include "Sequence.h"

namespace sluice::zeromq {

/// The plugin's settings, read once. Constant afterwards; README.md says what each means.
struct Options {
    enum class Socket : std::uint8_t { Sub, Pull };

    bool binds = false;                  // else it connects
    std::vector<std::string> endpoints;  // at least one
    Socket socket = Socket::Sub;
    std::string topic;  // of messages of one frame; empty: the frame itself
    std::string split;  // cuts a single frame into topic and payload; empty: it does not
    std::optional<SequenceRule> sequence;
    std::optional<Keys> curve;
    int highWaterMark = 10'000;  // messages that libzmq holds, per connection
    std::int64_t frameBytesMax = 16 << 20;
    std::chrono::milliseconds heartbeat{0};  // 0: none
    std::chrono::milliseconds heartbeatTimeout{0};
};

/// Reads and checks every setting; what cannot be used is reported to the host, all of it. Touches
/// neither network nor files.
Options readOptions(plugin::Host& host);

}  // namespace sluice::zeromq
