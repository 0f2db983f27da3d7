#include "http/PublishHandler.h"

#include <algorithm>
#include <stdexcept>

#include "base/JsonText.h"
#include "http/Authorization.h"
#include "http/LimitKeys.h"

namespace sluice {
namespace {

constexpr std::size_t kClaimedPatternsMax = 100;

std::vector<Pattern> patternsOf(const std::vector<std::string>& texts, const char* key) {
    std::vector<Pattern> patterns;
    for (const std::string& text : texts) {
        Pattern::Error error;
        auto pattern = Pattern::parse(text, '/', &error);
        if (!pattern) throw std::invalid_argument{std::string{key} + ": " + error.message};
        patterns.push_back(std::move(*pattern));
    }
    return patterns;
}

bool areMatched(const std::vector<Pattern>& patterns, std::string_view channel) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const Pattern& one) { return one.matches(channel); });
}

HttpResponse tooFast() {
    return errorResponse(429, {"too-fast", "", "this client publishes more than it may",
                               "try again after the time in Retry-After"})
        .with("Retry-After", "1");
}

HttpResponse tooManyEvents(std::uint32_t seconds) {
    return errorResponse(429, {"too-many-events", "",
                               "this key has published as many events as it may in a second",
                               "send it again after the time in Retry-After"})
        .with("Retry-After", std::to_string(seconds));
}

HttpResponse notAllowed(const std::string& channel) {
    return errorResponse(
        403, {"channel-not-allowed", "channel", "this key may not publish to " + channel,
              "add a pattern for it to the channels of the key in publish, or to "
              "the `publish` claim of the token"});
}

}  // namespace

std::vector<PublishKey> PublishOptions::allKeys() const {
    std::vector<PublishKey> all;
    if (!key.empty()) all.push_back({key, channels, 0});
    all.insert(all.end(), keys.begin(), keys.end());
    return all;
}

std::vector<std::string> PublishOptions::reached() const {
    std::vector<std::string> patterns = claims;
    for (const PublishKey& one : allKeys()) {
        patterns.insert(patterns.end(), one.channels.begin(), one.channels.end());
        if (one.channels.empty()) patterns.emplace_back("{any**}");
    }
    std::sort(patterns.begin(), patterns.end());
    patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
    return patterns;
}

PublishHandler::PublishHandler(const PublishOptions& options, Access* access, ClientLimits& clients,
                               Publisher& publisher, const Clock& clock)
    : limits_{options.limits},
      access_{access},
      clients_{clients},
      publisher_{publisher},
      clock_{clock},
      licensing_{make(options, {})} {}

void PublishHandler::reload(const PublishOptions& options) {
    LicensingPtr fresh = make(options, *licensing());
    const std::lock_guard lock{mutex_};
    licensing_ = std::move(fresh);
}

PublishHandler::LicensingPtr PublishHandler::licensing() const {
    const std::lock_guard lock{mutex_};
    return licensing_;
}

PublishHandler::LicensingPtr PublishHandler::make(const PublishOptions& options,
                                                  const Licensing& before) const {
    auto made = std::make_shared<Licensing>();
    made->isOn = options.isOn();
    made->byClaims = patternsOf(options.claims, "publish.claims");
    for (const PublishKey& key : options.allKeys()) {
        Key& one = made->keys.emplace_back();
        one.digest = digestOf(key.key);
        one.channels = patternsOf(key.channels, "publish.channels");
        one.eventsPerSecond = key.eventsPerSecond;
        if (key.eventsPerSecond == 0) continue;
        const auto known =
            std::find_if(before.keys.begin(), before.keys.end(), [&](const Key& other) {
                return other.eventsPerSecond == one.eventsPerSecond && other.digest == one.digest;
            });
        one.rate = known != before.keys.end()
                       ? known->rate
                       : std::make_shared<EventRate>(key.eventsPerSecond, clock_);
    }
    return made;
}

std::optional<HttpResponse> PublishHandler::handle(const HttpRequest& request, HttpConnection&) {
    const LicensingPtr rules = licensing();
    if (!rules->isOn)
        return errorResponse(403,
                             {"publish-disabled", "publish.key", "publishing is not switched on",
                              "set publish.key in the configuration and send it as "
                              "Authorization: Bearer KEY"});
    const std::optional<Licence> licence = licenceOf(request, *rules);
    if (!licence) return unauthorized();
    std::vector<PublishedEvent> events;
    const std::string_view contentType = request.header("content-type").value_or("");
    if (auto error = readPublishBody(contentType, request.body(), limits_, events)) return error;
    for (const PublishedEvent& event : events)
        for (const std::string& channel : event.channels)
            if (!allows(*licence, *rules, channel)) return notAllowed(channel);
    if (!mayPublish(request, *licence, events.size())) return tooFast();
    if (licence->key && licence->key->rate)
        if (const std::uint32_t seconds = licence->key->rate->take(events.size()))
            return tooManyEvents(seconds);
    return publish(events);
}

std::optional<PublishHandler::Licence> PublishHandler::licenceOf(const HttpRequest& request,
                                                                 const Licensing& rules) const {
    const std::string_view given = bearerOf(request).value_or("");
    const Digest digest = digestOf(given);
    // All are looked at, so that the time says nothing.
    const Key* found = nullptr;
    for (const Key& key : rules.keys)
        if (areEqual(key.digest, digest)) found = &key;
    if (found) return Licence{found};
    if (!access_ || rules.byClaims.empty() || given.empty()) return std::nullopt;
    const std::optional<Verdict> verdict = access_->judgeBearer(given);
    std::optional<Licence> licence;
    if (verdict) licence = licenceOf(*verdict->claims);
    if (licence) licence->subject = verdict->subject;
    return licence;
}

/// `publish` is a pattern or a list of patterns; what is none allows nothing.
std::optional<PublishHandler::Licence> PublishHandler::licenceOf(const Claims& claims) {
    const cel::Value* const claim = claims.find("publish");
    if (!claim) return std::nullopt;
    Licence licence;
    const auto add = [&](const cel::Value& text) {
        if (!text.is(cel::Kind::String) || licence.channels.size() == kClaimedPatternsMax) return;
        if (auto pattern = Pattern::parse(text.asString(), '/', nullptr))
            licence.channels.push_back(std::move(*pattern));
    };
    if (claim->is(cel::Kind::List))
        std::for_each(claim->asList().begin(), claim->asList().end(), add);
    else
        add(*claim);
    return licence;
}

bool PublishHandler::allows(const Licence& licence, const Licensing& rules,
                            std::string_view channel) {
    if (licence.key)
        return licence.key->channels.empty() || areMatched(licence.key->channels, channel);
    return areMatched(licence.channels, channel) && areMatched(rules.byClaims, channel);
}

bool PublishHandler::mayPublish(const HttpRequest& request, const Licence& licence,
                                std::size_t events) const {
    return clients_.mayPublish(limitKeysOf(request, licence.subject), events);
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
