#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "Options.h"
#include "Signal.h"

namespace sluice::redis {

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

/// The addresses of the server, best first. Waits until `until` at most, and no longer than until
/// `stop` is raised: the system's own look-up can take as long as it likes. Throws Failure,
/// Stopping.
std::vector<Address> resolve(const Options& options, const plugin::Signal& stop,
                             std::chrono::steady_clock::time_point until);

}  // namespace sluice::redis
