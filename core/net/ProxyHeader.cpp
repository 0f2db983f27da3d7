#include "net/ProxyHeader.h"

#include <algorithm>
#include <array>

namespace sluice {
namespace {

using State = ProxyHeader::State;

constexpr std::string_view kV1Start = "PROXY ";
constexpr std::size_t kV1BytesMax = 107;  // with its line end: section 2.1
constexpr std::string_view kV2Start{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kV2HeadBytes = 16;
constexpr std::size_t kV4Bytes = 12, kV6Bytes = 36;  // addresses and ports

ProxyHeader refused() {
    return {State::Refused, 0, std::nullopt};
}

bool isPort(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
    unsigned port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    return port <= 65'535;
}

/// Takes the next word of a line, whose words stand apart by one space each.
std::string_view takeWord(std::string_view& line) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    return word;
}

/// "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n"
ProxyHeader parseV1(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, kV1BytesMax).find("\r\n");
    if (end == std::string_view::npos)
        return bytes.size() >= kV1BytesMax ? refused() : ProxyHeader{};
    std::string_view line = bytes.substr(kV1Start.size(), end - kV1Start.size());
    const std::string_view family = takeWord(line);
    ProxyHeader header{State::Complete, end + 2, std::nullopt};
    if (family == "UNKNOWN") return header;
    if (family != "TCP4" && family != "TCP6") return refused();
    const auto client = IpAddress::parse(takeWord(line));
    const auto server = IpAddress::parse(takeWord(line));
    const std::string_view clientPort = takeWord(line);
    const bool isFour = family == "TCP4";
    if (!client || !server || !isPort(clientPort) || !isPort(line) || client->isV4() != isFour ||
        server->isV4() != isFour)
        return refused();
    header.client = client;
    return header;
}

ProxyHeader parseV2(std::string_view bytes) {
    if (bytes.size() < kV2HeadBytes) return {};
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const unsigned version = at(12) >> 4, command = at(12) & 0xf, family = at(13);
    const std::size_t rest = std::size_t{at(14)} * 256 + at(15);
    const std::size_t length = kV2HeadBytes + rest;
    if (version != 2 || command > 1 || length > ProxyHeader::kBytesMax) return refused();
    if (bytes.size() < length) return {};
    ProxyHeader header{State::Complete, length, std::nullopt};
    if (command == 0) return header;  // LOCAL: the proxy's own
    std::array<std::uint8_t, 16> address{};
    std::transform(bytes.begin() + kV2HeadBytes,
                   bytes.begin() +
                       static_cast<std::ptrdiff_t>(std::min(length, kV2HeadBytes + address.size())),
                   address.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    constexpr unsigned kTcp4 = 0x11, kTcp6 = 0x21;
    if (family == kTcp4 && rest >= kV4Bytes)
        header.client = IpAddress::ofV4(address.data());
    else if (family == kTcp6 && rest >= kV6Bytes)
        header.client = IpAddress::ofV6(address.data());
    else if (family == kTcp4 || family == kTcp6)
        return refused();
    return header;
}

bool canBecome(std::string_view bytes, std::string_view start) {
    return start.starts_with(bytes.substr(0, start.size()));
}

}  // namespace

ProxyHeader parseProxyHeader(std::string_view bytes) {
    if (bytes.starts_with(kV2Start)) return parseV2(bytes);
    if (bytes.starts_with(kV1Start)) return parseV1(bytes);
    return canBecome(bytes, kV1Start) || canBecome(bytes, kV2Start) ? ProxyHeader{} : refused();
}

}  // namespace sluice
