#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sluice {

/// How carbon, the receiver of Graphite, takes statistics.
enum class GraphiteProtocol : std::uint8_t { Tcp, Udp };

/// The settings key `graphite`.
struct GraphiteOptions {
    std::string server;  // HOST:PORT of carbon's line receiver; empty: nothing is sent
    GraphiteProtocol protocol = GraphiteProtocol::Tcp;
    std::chrono::milliseconds interval{60'000};
    std::string prefix = "sluice";             // of the node's own metrics
    std::string channels = "sluice.channels";  // of the readers of each channel; empty: not sent
    bool operator==(const GraphiteOptions&) const = default;
};

}  // namespace sluice
