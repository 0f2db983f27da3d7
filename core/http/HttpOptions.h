#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "auth/AccessRules.h"
#include "auth/AuthOptions.h"
#include "http/ClientLimits.h"
#include "http/Cors.h"
#include "http/GateOptions.h"
#include "http/PublishOptions.h"
#include "net/TlsServer.h"

namespace sluice {

/// The settings key `admin`: the second listener, for operators.
struct AdminOptions {
    std::string listen = "127.0.0.1:9080";  // as ListenAddress reads it
    // Empty: none is asked for; beyond loopback there has to be one.
    std::string readKey;            // may look
    std::string operatorKey;        // may look, reload and revoke
    TlsOptions tls;                 // its own; off: HttpOptions::tls
    bool metricsArePublic = false;  // `/metrics` on the public listener too, for whoever asks
    bool operator==(const AdminOptions&) const = default;
};

/// The settings key `compat`: whose clients are served beside our own.
enum class Compat : std::uint8_t { None, CycloneSse, TornadoSse };

/// What the settings say about HTTP, for both listeners.
struct HttpOptions {
    std::vector<std::string> listen{"127.0.0.1:8080"};  // as ListenAddress reads them
    std::vector<std::string> hosts;  // names that are served; empty: see Router::serveOnly
    AdminOptions admin;
    TlsOptions tls;                  // where off, every address is plain
    std::uint16_t redirectPort = 0;  // where plain addresses send browsers to; 0: nowhere
    std::string staticFolder;        // served at `/`; empty: none
    Compat compat = Compat::None;
    PublishOptions publish;
    AuthOptions auth;
    std::vector<AccessRule> rules;  // who may read which channels, with auth
    CorsOptions cors;
    GateOptions gate;  // bounds of requests and of connections
    ClientLimitOptions clients;
    std::size_t channelsPerStreamMax = 64;   // StreamOptions::channelsMax
    std::uint64_t historyEventsMax = 1'000;  // HistoryOptions::eventsMax

    const TlsOptions& adminTls() const { return admin.tls.isOn() ? admin.tls : tls; }
};

}  // namespace sluice
