#include <array>

#include "settings/ReadOptions.h"

namespace sluice {
namespace {

using Header = ProxyTrust::Header;
constexpr std::array kHeaders{std::pair{std::string_view{"x-forwarded-for"}, Header::XForwardedFor},
                              std::pair{std::string_view{"forwarded"}, Header::Forwarded}};

void readRanges(Section& section, std::string_view key, std::vector<AddressRange>& out) {
    const auto ranges = section.scalars(key, Form::pattern("[0-9A-Fa-f:.]+(/[0-9]{1,3})?"));
    if (!ranges) return;
    for (const Scalar& text : *ranges)
        if (const auto range = AddressRange::parse(text.text()))
            out.push_back(*range);
        else
            text.error("address-range", "this is no address and no range of addresses",
                       "write it like 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32; behind the length "
                       "all bits are 0");
}

}  // namespace

void readTrustedProxies(Section& top, ProxyTrust& trust) {
    top.section("trusted_proxies", [&](Section& proxies) {
        readRanges(proxies, "addresses", trust.addresses);
        proxies.choice<Header>("header", trust.header, kHeaders);
        readRanges(proxies, "protocol", trust.protocol);
    });
}

}  // namespace sluice
