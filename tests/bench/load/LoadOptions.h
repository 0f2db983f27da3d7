#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/types.h>

namespace sluice::bench {

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What sluice_load was asked for; usageText() says what each option means.
struct LoadOptions {
    enum class Mode { kSubscribe, kStorm, kIdle };

    Mode mode = Mode::kSubscribe;
    sockaddr_in server{};
    bool isTls = false;  // the URL begins with https
    std::string host;    // as in the URL, for the Host header
    std::string target;  // path and query, with {i} where the channel's number goes
    unsigned subscribers = 1;
    unsigned channels = 1;
    unsigned stuck = 0;
    unsigned connectingMax = 256;
    double warmSeconds = 1;
    double seconds = 10;
    double graceSeconds = 3;
    std::vector<pid_t> pids;
    bool json = false;
};

const char* usageText();

// Throws UsageError.
LoadOptions parseLoadOptions(int argc, char** argv);

}  // namespace sluice::bench
