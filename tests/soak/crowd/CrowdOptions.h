#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <netinet/in.h>

namespace sluice::soak {

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What sluice_crowd was asked for; usageText() says what each option means.
struct CrowdOptions {
    sockaddr_in server{};
    std::string host;  // the Host header
    std::string prefix = "flow/";
    std::size_t clients = 1;
    std::size_t channels = 1;
    std::size_t sequences = 1;
    std::size_t take = 1;
    std::uint64_t seed = 0;
    double staySeconds = 8;
    double awaySeconds = 1;
    double forgets = 0;
    double patienceSeconds = 60;
};

const char* usageText();

// Throws UsageError.
CrowdOptions parseCrowdOptions(int argc, char** argv);

}  // namespace sluice::soak
