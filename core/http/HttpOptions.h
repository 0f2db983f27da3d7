#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "http/Cors.h"
#include "http/GateOptions.h"
#include "http/PublishHandler.h"

namespace sluice {

/// The settings key `admin`: the second listener, for operators.
struct AdminOptions {
    std::string listen = "127.0.0.1:9080";
    std::string key;                // empty: none is asked for, which is refused beyond loopback
    bool metricsArePublic = false;  // `/metrics` on the public listener too, for whoever asks
    bool operator==(const AdminOptions&) const = default;
};

/// The settings key `compat`: whose clients are served beside our own.
enum class Compat : std::uint8_t { None, CycloneSse, TornadoSse };

/// What the settings say about HTTP, for both listeners.
struct HttpOptions {
    std::string listen = "127.0.0.1:8080";
    AdminOptions admin;
    std::string staticFolder;  // served at `/`; empty: none
    Compat compat = Compat::None;
    PublishOptions publish;
    CorsOptions cors;
    GateOptions gate;                        // bounds of requests and of connections
    std::size_t channelsPerStreamMax = 64;   // StreamOptions::channelsMax
    std::uint64_t historyEventsMax = 1'000;  // HistoryOptions::eventsMax
};

}  // namespace sluice
