#include <algorithm>

#include "Fuzz.h"
#include "http/Forwarded.h"
#include "http/HttpRequest.h"

using namespace sluice;

/// Request heads and what is read out of them. A head that is whole is the same whatever follows
/// it, and is incomplete in every prefix.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = textOf(data, size);
    const HeadLimits limits;
    RequestHead head;
    const HeadResult result = parseHead(bytes, limits, head);
    if (result.state != HeadState::Complete) return 0;
    FUZZ_LAW(head.length <= bytes.size() && head.length <= limits.bytesMax + 2);
    for (std::size_t n = 0; n < head.length; n += 1 + head.length / 16) {
        RequestHead part;
        FUZZ_LAW(parseHead(bytes.substr(0, n), limits, part).state == HeadState::Incomplete);
    }
    const std::string text{bytes.substr(0, head.length)};
    ProxyTrust trust;
    trust.addresses.push_back(*AddressRange::parse("10.0.0.0/8"));
    for (const auto header : {ProxyTrust::Header::XForwardedFor, ProxyTrust::Header::Forwarded}) {
        trust.header = header;
        RequestOrigin origin{.address = "10.0.0.1"};
        believeProxy(trust, head, text, origin);
        FUZZ_LAW(IpAddress::parse(origin.address));
    }
    const HttpRequest request{text, head, "", {.address = "10.0.0.1"}};
    FUZZ_LAW(request.path().starts_with('/') || request.path() == "*");
    request.headerHas("accept", "text/event-stream");
    percentDecode(request.path(), false);
    if (const auto parameters = parseParameters(request.query()))
        FUZZ_LAW(parameters->size() <= kParametersMax);
    return 0;
}
