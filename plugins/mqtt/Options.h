#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <sluice/plugin.hpp>

#include "BrokerAddress.h"

namespace sluice::mqtt {

/// Files of the option `tls`; empty: not set.
struct TlsFiles {
    std::string ca, cert, key, keyPassword;
};

/// What is published about ourselves (option `status`).
struct Status {
    std::string topic, online, offline;
    int qos = 1;
    bool isRetained = true;
};

/// The plugin's settings, read once. Constant afterwards.
struct Options {
    enum class Version { Newest, V5, V311 };  // Newest: 5, or 3.1.1 where that is refused

    BrokerAddress broker;
    Version version = Version::Newest;
    std::string clientId;                         // empty: derived
    std::optional<std::chrono::seconds> keptFor;  // absent: a clean session
    int qos = 1;
    std::chrono::seconds keepAlive{20};
    std::optional<std::string> username, password;
    TlsFiles tls;  // usesTls is the broker's
    std::optional<Status> status;
};

/// Reads and checks every setting; what cannot be used is reported to the host, all of it. Touches
/// neither network nor files.
Options readOptions(plugin::Host& host);

}  // namespace sluice::mqtt
