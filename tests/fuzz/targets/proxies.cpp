#include "Fuzz.h"
#include "net/ProxyHeader.h"

using namespace sluice;

/// PROXY headers: whole ones are incomplete in every prefix, and the same whatever follows.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using State = ProxyHeader::State;
    const std::string_view bytes = textOf(data, size);
    const ProxyHeader header = parseProxyHeader(bytes);
    if (header.state == State::Incomplete) FUZZ_LAW(bytes.size() < ProxyHeader::kBytesMax);
    if (header.state != State::Complete) return 0;
    FUZZ_LAW(header.length <= bytes.size() && header.length <= ProxyHeader::kBytesMax);
    for (std::size_t n = 0; n < header.length; ++n)
        FUZZ_LAW(parseProxyHeader(bytes.substr(0, n)).state == State::Incomplete);
    const ProxyHeader alone = parseProxyHeader(bytes.substr(0, header.length));
    FUZZ_LAW(alone.state == State::Complete && alone.client == header.client);
    if (header.client) FUZZ_LAW(IpAddress::parse(header.client->text()) == header.client);
    return 0;
}
