#include "http/Authorization.h"

#include "base/Assert.h"

namespace sluice {

bool equalInConstantTime(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    // volatile: the compiler may not find a way to leave early.
    volatile unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        difference = difference | static_cast<unsigned char>(left[i] ^ right[i]);
    return difference == 0;
}

bool isBearer(const HttpRequest& request, std::string_view key) {
    SLUICE_ASSERT(!key.empty());
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view given = request.header("authorization").value_or("");
    if (!equalIgnoringCase(given.substr(0, kScheme.size()), kScheme)) return false;
    return equalInConstantTime(given.substr(kScheme.size()), key);
}

HttpResponse unauthorized() {
    return errorResponse(401, {"unauthorized", "authorization", "the key is missing or wrong",
                               "send the header Authorization: Bearer KEY"})
        .with("WWW-Authenticate", "Bearer");
}

}  // namespace sluice
