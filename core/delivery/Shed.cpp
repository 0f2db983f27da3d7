#include "delivery/Shed.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <new>

#include "delivery/SocketEnd.h"

namespace sluice {
namespace {

bool beginsWith(std::string_view line, std::string_view lowerCasePrefix) {
    return line.size() >= lowerCasePrefix.size() &&
           std::equal(lowerCasePrefix.begin(), lowerCasePrefix.end(), line.begin(),
                      [](char lower, char c) {
                          return lower == std::tolower(static_cast<unsigned char>(c));
                      });
}

bool isAboutOrigin(std::string_view line) {
    return beginsWith(line, "access-control-") || beginsWith(line, "vary:");
}

std::string fieldsAboutOrigin(std::string_view head) {
    std::string fields;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        if (isAboutOrigin(line)) fields.append(line).append("\r\n");
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return fields;
}

}  // namespace

std::string shedStream(std::string_view responseHead, Framing framing, std::uint32_t retryMs) {
    const std::string line = "retry: " + std::to_string(retryMs) + "\n";
    std::string text{responseHead};
    if (framing == Framing::Close) return text + line;
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx", line.size());
    return text + size.data() + "\r\n" + line + "\r\n0\r\n\r\n";
}

std::string shedAnswer(std::string_view responseHead, std::uint32_t retryMs) {
    const std::string body =
        R"({"error":{"code":"overloaded","field":"","message":"this node has no room for another )"
        R"(stream","hint":"try again after the time in Retry-After"}})"
        "\n";
    return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
           "Cache-Control: no-store\r\nConnection: close\r\nRetry-After: " +
           std::to_string((retryMs + 999) / 1'000) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           fieldsAboutOrigin(responseHead) + "\r\n" + body;
}

void shed(Adoption& adoption, std::uint32_t retryMs) noexcept {
    const StreamRequest& request = adoption.request;
    try {
        const std::string text =
            adoption.acceptsEventStream
                ? shedStream(request.responseHead, request.spec.framing, retryMs)
                : shedAnswer(request.responseHead, retryMs);
        adoption.request.wire->write(text.data(), text.size());
    } catch (const std::bad_alloc&) {
        // Nothing left to say it with: the close says it.
    }
    discardInput(request.wire->fd());
    adoption.request.wire.reset();
}

}  // namespace sluice
