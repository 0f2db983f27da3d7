#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

namespace sluice::ticker {

enum class Shape : std::uint8_t { Orders, Prices, Sensors, Flights, Counter };

/// The options of README.md, read and checked.
struct Options {
    double rate = 10;         // messages per second, over all topics
    std::uint64_t count = 0;  // of all messages; 0: endless
    std::uint64_t seed = 1;
    std::uint64_t keys = 100;
    Shape shape = Shape::Orders;
    std::uint64_t refunds = 0;  // one order in so many ends by a tombstone; 0: none
    std::size_t sizeBytes = 0;  // payloads are padded to this
    bool scheduled = false;
    bool replayable = false;
    std::uint32_t partitions = 1;
    std::chrono::milliseconds keep{3'600'000};
    std::vector<std::string> topics;  // at least one

    /// Whatever makes another sequence of messages, as text.
    std::string fingerprint() const;
};

/// Reports what cannot be used to the host.
Options readOptions(plugin::Host& host);

}  // namespace sluice::ticker
