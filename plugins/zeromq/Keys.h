#pragma once

#include <string>
#include <vector>

#include <sluice/plugin.hpp>

namespace sluice::zeromq {

/// CURVE keys, each 40 characters of Z85 as libzmq wants them (ZeroMQ RFC 32).
struct Keys {
    std::string server;  // the other side's public key; empty: we are the server
    std::string publicKey, secretKey;
    std::vector<std::string> clients;  // who may connect to us; empty: whoever knows our public key
};

/// The settings below /curve; mistakes are reported to the host. REQUIRES: the map is there.
Keys readKeys(plugin::Host& host, bool binds);

}  // namespace sluice::zeromq
