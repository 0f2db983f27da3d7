#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class Address;

/// An IPv4 or IPv6 address without a port, as a value: IPv4 ones are mapped into IPv6
/// (RFC 4291 section 2.5.5.2), so that one that comes either way is the same.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    /// "192.0.2.7" or "2001:db8::1"; nothing for whatever else.
    static std::optional<IpAddress> parse(std::string_view text);
    /// REQUIRES: an Internet address.
    static IpAddress of(const Address& address);
    static IpAddress ofV4(const std::uint8_t* four);
    static IpAddress ofV6(const std::uint8_t* sixteen);

    bool isV4() const;
    std::string text() const;
    /// What one client is taken to have: an IPv4 address, or the /64 of an IPv6 one, of which
    /// everybody has a whole.
    IpAddress network() const;
    bool operator==(const IpAddress&) const = default;
};

/// The addresses that begin with the same bits: "10.0.0.0/8", "2001:db8::/32", or one address.
class AddressRange {
  public:
    /// Nothing where the text is none, or has bits behind its length.
    static std::optional<AddressRange> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
    bool operator==(const AddressRange&) const = default;

  private:
    AddressRange(const IpAddress& base, unsigned bits) : base_{base}, bits_{bits} {}

    IpAddress base_;
    unsigned bits_;  // of the mapped form: 0 to 128
};

/// Whether some range has the address.
bool anyContains(const std::vector<AddressRange>& ranges, const IpAddress& address);

}  // namespace sluice
