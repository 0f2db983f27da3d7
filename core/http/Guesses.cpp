#include "http/Guesses.h"

namespace sluice {
namespace {

using Guess = HttpResponse::Guess;

/// Nothing was looked at: whether the key was right is not told.
HttpResponse tooManyFailures() {
    return errorResponse(429, {"too-many-failures", "authorization",
                               "too many wrong keys came from this address",
                               "try again after the time in Retry-After"})
        .with("Retry-After", "60");
}

}  // namespace

std::optional<HttpResponse> Guesses::refusal(const HttpRequest& request) const {
    if (!showsKey(request) || !limits_.isRefused(LimitKey::ofAddress(request.peer())))
        return std::nullopt;
    return tooManyFailures();
}

void Guesses::count(const HttpRequest& request, HttpResponse& response) const {
    if (response.status != 401 || response.guess == Guess::None) return;
    const bool isSession = response.guess == Guess::Session;
    if (!isSession && !showsKey(request)) return;
    if (limits_.failed(LimitKey::ofAddress(request.peer()), !isSession))
        response.hold = ClientLimits::kSlowdown;
}

bool Guesses::showsKey(const HttpRequest& request) const {
    constexpr std::string_view kToken = "access_token=";
    return request.header("authorization") ||
           request.query().find(kToken) != std::string_view::npos ||
           (access_ && access_->showsCookie(request));
}

}  // namespace sluice
