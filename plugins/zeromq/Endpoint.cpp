#include "Endpoint.h"

#include <charconv>

namespace sluice::zeromq {
namespace {

constexpr std::size_t kSocketPathMax = 107;  // sun_path of unix(7), less its NUL
constexpr unsigned kPortMax = 65'535;

std::string example(bool binds) {
    return binds ? "write it as tcp://*:5556 or ipc:///run/feed.sock"
                 : "write it as tcp://publisher:5556 or ipc:///run/feed.sock";
}

bool isPort(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port > 0 && port <= kPortMax;
}

EndpointError checkTcp(std::string_view address, bool binds) {
    const std::size_t colon = address.rfind(':');
    if (colon == address.npos) return {"has no port", example(binds)};
    const std::string_view host = address.substr(0, colon), port = address.substr(colon + 1);
    if (host.empty())
        return {"has no host", binds ? "write tcp://*:PORT for all interfaces" : example(binds)};
    if (!binds && host == "*") return {"connects to no host", example(binds)};
    if (host.find(':') != host.npos && (host.front() != '[' || host.back() != ']'))
        return {"has a host with colons", "write an IPv6 address in brackets: tcp://[::1]:5556"};
    if (isPort(port) || (binds && port == "*")) return {};
    return {"has a port that is none", binds ? "write a number from 1 to 65535, or * for a free one"
                                             : "write a number from 1 to 65535"};
}

EndpointError checkIpc(std::string_view path, bool binds) {
    if (path.empty()) return {"has no path", example(binds)};
    if (path.size() <= kSocketPathMax) return {};
    return {"has a path that is too long for a socket",
            "use one of at most " + std::to_string(kSocketPathMax) + " bytes"};
}

}  // namespace

EndpointError checkEndpoint(std::string_view endpoint, bool binds) {
    constexpr std::string_view kTcp = "tcp://", kIpc = "ipc://";
    for (const char c : endpoint)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return {"has white space or control characters", example(binds)};
    if (endpoint.starts_with(kTcp)) return checkTcp(endpoint.substr(kTcp.size()), binds);
    if (endpoint.starts_with(kIpc)) return checkIpc(endpoint.substr(kIpc.size()), binds);
    return {"is no endpoint of tcp:// or ipc://", example(binds)};
}

}  // namespace sluice::zeromq
