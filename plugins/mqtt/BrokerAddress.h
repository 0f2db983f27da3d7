#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::mqtt {

/// Where a broker listens: `mqtt://HOST[:PORT]`, `mqtts://HOST[:PORT]` or HOST[:PORT], an IPv6
/// address in brackets.
struct BrokerAddress {
    static constexpr std::uint16_t kPort = 1883, kTlsPort = 8883;

    std::string host = "localhost";  // without brackets
    std::uint16_t port = kPort;
    bool usesTls = false;

    /// Nothing where the text is no such address.
    static std::optional<BrokerAddress> parse(std::string_view text);
    /// HOST:PORT, for people.
    std::string text() const;
    /// As paho wants it.
    std::string uri() const;
};

}  // namespace sluice::mqtt
