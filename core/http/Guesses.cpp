#include "http/Guesses.h"

#include <string>

#include "http/Authorization.h"
#include "http/CycloneForm.h"

namespace sluice {
namespace {

using Guess = HttpResponse::Guess;

/// Nothing was looked at: whether the key was right is not told.
HttpResponse tooManyFailures(const HttpRequest& request, std::chrono::milliseconds time) {
    // Whoever has a good key and shares the address of one who guesses comes back.
    if (wantsStream(request)) return emptyStream(time);
    return errorResponse(429, {"too-many-failures", "authorization",
                               "too many wrong keys came from this address",
                               "try again after the time in Retry-After"})
        .with("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()));
}

/// Also where the node serves no clients of cyclone-sse, and such a key opens nothing.
bool showsKeyInForm(const HttpRequest& request) {
    if (request.method() != "POST") return false;
    const std::optional<CycloneForm> form = cycloneFormOf(request);
    return form && !form->key.empty();
}

}  // namespace

std::optional<HttpResponse> Guesses::refusal(const HttpRequest& request) const {
    if (!showsKey(request) || !limits_.isRefused(LimitKey::ofAddress(request.peer())))
        return std::nullopt;
    return tooManyFailures(request, limits_.refusalTime());
}

void Guesses::count(const HttpRequest& request, HttpResponse& response) const {
    if (response.status != 401 || response.guess == Guess::None) return;
    const bool isSession = response.guess == Guess::Session;
    if (!isSession && !showsKey(request)) return;
    if (limits_.failed(LimitKey::ofAddress(request.peer()), !isSession))
        response.hold = ClientLimits::kSlowdown;
}

bool Guesses::showsKey(const HttpRequest& request) const {
    // Whoever reads keys from a query wants these letters in it as they are.
    const auto has = [query = request.query()](std::string_view text) {
        return query.find(text) != std::string_view::npos;
    };
    return request.header("authorization") || has("access_token") || has("key=") ||
           (access_ && access_->showsCookie(request)) || showsKeyInForm(request);
}

}  // namespace sluice
