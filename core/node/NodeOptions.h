#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/AccessRules.h"
#include "auth/AuthOptions.h"
#include "channel/HubOptions.h"
#include "delivery/DeliveryOptions.h"
#include "filter/Filters.h"
#include "graphite/GraphiteOptions.h"
#include "http/Cors.h"
#include "http/Front.h"
#include "http/HistoryHandler.h"
#include "http/HttpOptions.h"
#include "http/PublishOptions.h"
#include "http/Router.h"
#include "http/StreamHandler.h"
#include "input/InputOptions.h"
#include "journal/JournalOptions.h"
#include "mapping/MappingTable.h"
#include "settings/Findings.h"

namespace sluice {

/// Everything that a node is made of.
struct NodeOptions {
    HubOptions hub;
    JournalOptions journal;
    DeliveryOptions delivery;
    FilterOptions filters;
    GateOptions gate;                 // of both listeners
    std::vector<std::string> listen;  // as ListenAddress reads them
    std::string adminListen;
    std::optional<std::vector<std::string>> hosts;       // nothing: all; see Router::serveOnly
    std::optional<std::vector<std::string>> adminHosts;  // likewise
    TlsOptions tls, adminTls;                            // off: plain addresses only
    std::uint16_t redirectPort = 0;  // where plain public addresses send browsers; 0: nowhere
    ClientLimitOptions clients;
    Router::Keys adminKeys;  // empty: none; REQUIRES one beyond loopback
    bool metricsArePublic = false;
    AuthOptions auth;
    std::vector<AccessRule> rules;  // who may read which channels, with auth
    CorsOptions cors;
    PublishOptions publish;
    StreamOptions stream;
    Compat compat = Compat::None;
    GraphiteOptions graphite;
    HistoryOptions history;
    std::filesystem::path staticFolder;  // empty: none
    std::filesystem::path clientFolder;  // of the client library; empty: it is not there
    std::vector<InputOptions> inputs;
    ReplayOptions replays;
    std::shared_ptr<const MappingTable> mappings;
    Settings settings;    // that all of this was made of
    ReadAgain readAgain;  // for reload; may be empty
};

}  // namespace sluice
