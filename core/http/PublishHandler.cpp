#include "http/PublishHandler.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/JsonText.h"
#include "http/Authorization.h"

namespace sluice {
namespace {

HttpResponse tooFast() {
    return errorResponse(429, {"too-fast", "", "this client publishes more than it may",
                               "try again after the time in Retry-After"})
        .with("Retry-After", "1");
}

}  // namespace

PublishHandler::PublishHandler(const PublishOptions& options, ClientLimits& clients,
                               Publisher& publisher)
    : key_{options.key}, limits_{options.limits}, clients_{clients}, publisher_{publisher} {
    for (const std::string& text : options.channels) {
        Pattern::Error error;
        auto pattern = Pattern::parse(text, '/', &error);
        if (!pattern) throw std::invalid_argument{"publish.channels: " + error.message};
        allowed_.push_back(std::move(*pattern));
    }
}

std::optional<HttpResponse> PublishHandler::handle(const HttpRequest& request, HttpConnection&) {
    if (key_.empty())
        return errorResponse(403,
                             {"publish-disabled", "publish.key", "publishing is not switched on",
                              "set publish.key in the configuration and send it as "
                              "Authorization: Bearer KEY"});
    if (!isBearer(request, key_)) return unauthorized();
    std::vector<PublishedEvent> events;
    const std::string_view contentType = request.header("content-type").value_or("");
    if (auto error = readPublishBody(contentType, request.body(), limits_, events)) return error;
    for (const PublishedEvent& event : events)
        for (const std::string& channel : event.channels)
            if (!mayPublishTo(channel))
                return errorResponse(
                    403, {"channel-not-allowed", "channel", "nobody may publish to " + channel,
                          "add a pattern for it to publish.channels"});
    const std::array clients{LimitKey::ofAddress(request.peer())};
    if (!clients_.mayPublish(clients, events.size())) return tooFast();
    return publish(events);
}

bool PublishHandler::mayPublishTo(std::string_view channel) const {
    return allowed_.empty() ||
           std::any_of(allowed_.begin(), allowed_.end(),
                       [&](const Pattern& one) { return one.matches(channel); });
}

HttpResponse PublishHandler::publish(const std::vector<PublishedEvent>& events) {
    const PublishOutcome outcome = publisher_.publish(events);
    switch (outcome.state) {
        case PublishOutcome::State::Closing:
            return errorResponse(503, {"closing", "", "this node is about to stop",
                                       "send it again, to another node if there is one"})
                .with("Retry-After", "2");
        case PublishOutcome::State::Rejected:
            return errorResponse(422, {"rejected", "[" + std::to_string(outcome.accepted) + "]",
                                       outcome.reason, ""});
        case PublishOutcome::State::NoRoom:
            return errorResponse(503, {"no-room", "", outcome.reason,
                                       "raise limits.channels; what was left out is told to "
                                       "readers as lost"});
        case PublishOutcome::State::Accepted:
            break;
    }
    std::string json = R"({"accepted":)" + std::to_string(outcome.accepted) + R"(,"id":)";
    appendJsonString(json, outcome.id);
    return jsonResponse(json + "}\n");
}

}  // namespace sluice
