#include "BrokerAddress.h"

#include <algorithm>
#include <charconv>

namespace sluice::mqtt {
namespace {

bool takePrefix(std::string_view& text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool isHostCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

bool isAddressCharacter(char c) {
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
           c == '.' || c == '%';
}

/// The host at the begin of `text`, which keeps what follows it.
std::optional<std::string> takeHost(std::string_view& text) {
    const bool isBracketed = takePrefix(text, "[");
    const auto end = std::min(text.find(isBracketed ? ']' : ':'), text.size());
    const std::string_view host = text.substr(0, end);
    if (host.empty() || (isBracketed && end == text.size())) return std::nullopt;
    if (!std::all_of(host.begin(), host.end(), isBracketed ? isAddressCharacter : isHostCharacter))
        return std::nullopt;
    text.remove_prefix(end + (isBracketed ? 1 : 0));
    return std::string(host);
}

std::optional<std::uint16_t> portOf(std::string_view text) {
    std::uint16_t port = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, port);
    if (error != std::errc{} || end != last || port == 0) return std::nullopt;
    return port;
}

}  // namespace

std::optional<BrokerAddress> BrokerAddress::parse(std::string_view text) {
    BrokerAddress address;
    address.usesTls = takePrefix(text, "mqtts://");
    if (!address.usesTls) takePrefix(text, "mqtt://");
    if (!text.empty() && text.back() == '/') text.remove_suffix(1);
    const auto host = takeHost(text);
    if (!host) return std::nullopt;
    address.host = *host;
    address.port = address.usesTls ? kTlsPort : kPort;
    if (text.empty()) return address;
    if (!takePrefix(text, ":")) return std::nullopt;
    const auto port = portOf(text);
    if (!port) return std::nullopt;
    address.port = *port;
    return address;
}

std::string BrokerAddress::text() const {
    const bool isBracketed = host.find(':') != std::string::npos;
    return (isBracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string BrokerAddress::uri() const {
    return (usesTls ? "ssl://" : "tcp://") + text();
}

}  // namespace sluice::mqtt
