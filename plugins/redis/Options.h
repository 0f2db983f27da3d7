#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sluice/plugin.hpp>

#include "Names.h"
#include "StartRule.h"

namespace sluice::redis {

/// The plugin's settings, read once. Constant afterwards.
struct Options {
    struct Tls {
        bool isOn = false;
        std::string ca, cert, key, keyPassword;  // PEM files; empty: not set
    };
    struct Group {
        std::string name, consumer;
        /// Entries that another consumer has held for so long are taken over; 0: never.
        std::chrono::milliseconds claimIdle{0};
    };

    std::string host = "localhost";
    std::uint16_t port = 6379;
    std::string shown;  // "HOST:PORT", for people
    std::string username, password;
    bool hasPassword = false;
    std::uint32_t database = 0;
    Tls tls;

    plugin::StartRule start;
    StreamNames streams;
    std::string payloadField;  // empty: the payload is the object of all fields
    std::optional<Group> group;

    std::chrono::milliseconds timeout{5'000};             // of connecting, and of every answer
    std::chrono::milliseconds keepalive{10'000};          // of silence on pub/sub: then a PING
    std::chrono::milliseconds scanInterval{10'000};       // between two looks for new streams
    std::chrono::milliseconds replayTimeout{30'000};      // without the server: then given up
    std::size_t messageBytesMax = std::size_t{16} << 20;  // of one value of a reply

    std::vector<std::string> secrets;  // values that no text may show

    /// `text` with every secret replaced.
    std::string scrub(std::string text) const;
};

/// Reads and checks every setting; what cannot be used is reported to the host, all of it. Touches
/// neither network nor files.
Options readOptions(plugin::Host& host);

}  // namespace sluice::redis
