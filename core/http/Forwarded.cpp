#include "http/Forwarded.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::size_t kHopsMax = 32;  // behind which nobody is believed

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view unquoted(std::string_view text) {
    const bool isQuoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return isQuoted ? text.substr(1, text.size() - 2) : text;
}

/// What the proxies say, from the nearest one on.
struct Hop {
    std::optional<IpAddress> client;
    std::string_view scheme;  // empty: not told
};

/// The parameters of one element of `Forwarded`: `for=192.0.2.7;proto=https`.
Hop readElement(std::string_view element) {
    Hop hop;
    while (!element.empty()) {
        const std::size_t end = std::min(element.find(';'), element.size());
        const std::string_view pair = trimmed(element.substr(0, end));
        element.remove_prefix(std::min(end + 1, element.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = pair.substr(0, equals);
        const std::string_view value = unquoted(pair.substr(equals + 1));
        if (equalIgnoringCase(name, "for")) hop.client = forwardedAddress(value);
        if (equalIgnoringCase(name, "proto")) hop.scheme = value;
    }
    return hop;
}

/// The elements of all fields of that name, the last one first; at most kHopsMax.
std::vector<std::string_view> elementsFromBehind(const RequestHead& head, std::string_view text,
                                                 std::string_view name) {
    std::vector<std::string_view> elements;
    for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
        if (!equalIgnoringCase(field->name.of(text), name)) continue;
        std::string_view list = field->value.of(text);
        while (elements.size() < kHopsMax) {
            const std::size_t comma = list.rfind(',');
            const bool isLast = comma == std::string_view::npos;
            elements.push_back(trimmed(isLast ? list : list.substr(comma + 1)));
            if (isLast) break;
            list = list.substr(0, comma);
        }
    }
    return elements;
}

std::vector<Hop> hopsOf(const ProxyTrust& trust, const RequestHead& head, std::string_view text) {
    const bool isForwarded = trust.header == ProxyTrust::Header::Forwarded;
    std::vector<Hop> hops;
    for (const std::string_view element :
         elementsFromBehind(head, text, isForwarded ? "forwarded" : "x-forwarded-for"))
        hops.push_back(isForwarded ? readElement(element) : Hop{forwardedAddress(element), {}});
    if (isForwarded || hops.empty()) return hops;
    const auto schemes = elementsFromBehind(head, text, "x-forwarded-proto");
    if (!schemes.empty()) hops.front().scheme = schemes.front();
    return hops;
}

}  // namespace

std::optional<IpAddress> forwardedAddress(std::string_view text) {
    text = unquoted(trimmed(text));
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        return end == std::string_view::npos ? std::nullopt
                                             : IpAddress::parse(text.substr(1, end - 1));
    }
    const bool hasPort = std::count(text.begin(), text.end(), ':') == 1;
    return IpAddress::parse(hasPort ? text.substr(0, text.find(':')) : text);
}

void believeProxy(const ProxyTrust& trust, const RequestHead& head, std::string_view text,
                  RequestOrigin& origin) {
    if (trust.addresses.empty()) return;
    std::optional<IpAddress> nearest = IpAddress::parse(origin.address);
    for (const Hop& hop : hopsOf(trust, head, text)) {
        // Who wrote this hop is `nearest`: only a proxy of ours is believed.
        if (!nearest || !anyContains(trust.addresses, *nearest)) return;
        if (!hop.scheme.empty()) origin.isSecure = equalIgnoringCase(hop.scheme, "https");
        nearest = hop.client;
        if (nearest) origin.address = nearest->text();
    }
}

}  // namespace sluice
