#include "http/Cors.h"

#include <algorithm>
#include <stdexcept>

#include "base/JsonText.h"
#include "base/Log.h"

namespace sluice {
namespace {

constexpr std::size_t kOriginMax = 255;
/// What scripts may read beyond the safelisted fields: the tag of a page of history.
const std::pair<std::string, std::string> kExposed{"Access-Control-Expose-Headers", "ETag"};

/// Browsers send Origin with a page's own POSTs too: that is no other origin.
bool isOwnOrigin(std::string_view origin, const HttpRequest& request) {
    const std::size_t slashes = origin.find("://");
    const std::string_view host = request.header("host").value_or("");
    return slashes != std::string_view::npos && !host.empty() &&
           equalIgnoringCase(origin.substr(slashes + 3), host);
}

}  // namespace

Cors::Cors(CorsOptions options) : options_{std::move(options)} {
    const auto& origins = options_.origins;
    allowsAll_ = std::find(origins.begin(), origins.end(), "*") != origins.end();
    if (allowsAll_ && options_.credentials)
        throw std::invalid_argument{
            "cors.credentials: true needs a list of origins; browsers refuse it with \"*\""};
}

bool Cors::allows(std::string_view origin) const {
    const auto& origins = options_.origins;
    return std::find(origins.begin(), origins.end(), origin) != origins.end();
}

Cors::Fields Cors::fields(const HttpRequest& request) const {
    Fields fields;
    if (allowsAll_) {
        fields.emplace_back("Access-Control-Allow-Origin", "*");
        fields.push_back(kExposed);
        return fields;
    }
    // Also without an Origin: a cache must not give this answer to one who has one.
    if (!options_.origins.empty()) fields.emplace_back("Vary", "Origin");
    const auto origin = request.header("origin");
    if (!origin || isOwnOrigin(*origin, request)) return fields;
    if (!allows(*origin)) {
        logRefused(*origin);
        return fields;
    }
    fields.emplace_back("Access-Control-Allow-Origin", std::string{*origin});
    if (options_.credentials) fields.emplace_back("Access-Control-Allow-Credentials", "true");
    fields.push_back(kExposed);
    return fields;
}

Cors::Fields Cors::preflightFields(const HttpRequest& request) const {
    const auto origin = request.header("origin");
    if (!origin || !request.header("access-control-request-method")) return {};
    if (!allowsAll_ && !allows(*origin)) return {};
    return {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH"},
            {"Access-Control-Allow-Headers",
             "authorization, last-event-id, if-none-match, cache-control, content-type"},
            {"Access-Control-Max-Age", "600"}};
}

void Cors::logRefused(std::string_view origin) const {
    origin = origin.substr(0, kOriginMax);
    {
        const std::lock_guard lock{mutex_};
        if (refused_.size() == kRefusedMax || refused_.contains(origin)) return;
        refused_.emplace(origin);
    }
    std::string line = "a page of origin ";
    line += origin;
    line += " was refused; to allow it add to the configuration: cors: { origins: [";
    appendJsonString(line, origin);
    line += "] }";
    log::warning("http", line);
}

bool isOfAnotherOrigin(const HttpRequest& request) {
    const auto origin = request.header("Origin");
    if (!origin) return false;
    const std::size_t scheme = origin->find("://");
    return scheme == std::string_view::npos ||
           origin->substr(scheme + 3) != request.header("Host").value_or("");
}

}  // namespace sluice
