#include "net/IpAddress.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "net/Address.h"

namespace sluice {
namespace {

constexpr std::size_t kTextMax = INET6_ADDRSTRLEN;
constexpr unsigned kV4Bits = 96;  // in front of a mapped address
constexpr std::size_t kV4Bytes = kV4Bits / 8;
constexpr std::size_t kNetworkBytes = 8;

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    char buffer[kTextMax] = {};
    if (text.size() >= kTextMax) return std::nullopt;
    std::copy(text.begin(), text.end(), buffer);
    if (std::strlen(buffer) != text.size()) return std::nullopt;  // a NUL inside
    in_addr v4{};
    if (::inet_pton(AF_INET, buffer, &v4) == 1)
        return ofV4(reinterpret_cast<const std::uint8_t*>(&v4));
    in6_addr v6{};
    if (::inet_pton(AF_INET6, buffer, &v6) == 1) return ofV6(v6.s6_addr);
    return std::nullopt;
}

IpAddress IpAddress::of(const Address& address) {
    if (address.family() == AF_INET)
        return ofV4(reinterpret_cast<const std::uint8_t*>(
            &reinterpret_cast<const sockaddr_in*>(address.raw())->sin_addr));
    return ofV6(reinterpret_cast<const sockaddr_in6*>(address.raw())->sin6_addr.s6_addr);
}

IpAddress IpAddress::ofV4(const std::uint8_t* four) {
    IpAddress address;
    address.bytes[kV4Bytes - 2] = address.bytes[kV4Bytes - 1] = 0xff;
    std::copy_n(four, 4, address.bytes.begin() + kV4Bytes);
    return address;
}

IpAddress IpAddress::ofV6(const std::uint8_t* sixteen) {
    IpAddress address;
    std::copy_n(sixteen, address.bytes.size(), address.bytes.begin());
    return address;
}

bool IpAddress::isV4() const {
    constexpr std::array<std::uint8_t, kV4Bytes> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::string IpAddress::text() const {
    char buffer[kTextMax] = "";
    if (isV4())
        ::inet_ntop(AF_INET, bytes.data() + kV4Bytes, buffer, sizeof buffer);
    else
        ::inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    return buffer;
}

IpAddress IpAddress::network() const {
    if (isV4()) return *this;
    IpAddress network;
    std::copy_n(bytes.begin(), kNetworkBytes, network.bytes.begin());
    return network;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::optional<IpAddress> base = IpAddress::parse(text.substr(0, slash));
    if (!base) return std::nullopt;
    unsigned bits = 128;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const bool isNumber = !digits.empty() && digits.size() <= 3 &&
                              digits.find_first_not_of("0123456789") == std::string_view::npos;
        if (!isNumber) return std::nullopt;
        bits =
            static_cast<unsigned>(std::stoul(std::string{digits})) + (base->isV4() ? kV4Bits : 0);
        if (bits > 128) return std::nullopt;
    }
    for (unsigned bit = bits; bit < 128; ++bit)
        if ((base->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
    return AddressRange{*base, bits};
}

bool AddressRange::contains(const IpAddress& address) const {
    const std::size_t whole = bits_ / 8;
    if (!std::equal(base_.bytes.begin(), base_.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin()))
        return false;
    const unsigned rest = bits_ % 8;
    if (rest == 0) return true;
    const unsigned difference = base_.bytes[whole] ^ address.bytes[whole];
    return difference >> (8 - rest) == 0;
}

bool anyContains(const std::vector<AddressRange>& ranges, const IpAddress& address) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace sluice
