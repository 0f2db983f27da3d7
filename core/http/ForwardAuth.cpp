#include "http/ForwardAuth.h"

#include <exception>
#include <utility>

#include "base/Log.h"

namespace sluice {
namespace {

constexpr const char* kArea = "auth";

std::string fieldOf(const HttpRequest& request, std::string_view name) {
    return std::string{request.header(name).value_or("")};
}

}  // namespace

ForwardAuth::ForwardAuth(const ForwardOptions& options, const Revocations& revocations,
                         const Clock& clock)
    : options_{options}, revocations_{revocations}, clock_{clock} {}

Digest ForwardAuth::keyOf(const HttpRequest& request) const {
    // NUL stands in no field.
    return digestOf(fieldOf(request, "cookie") + '\0' + fieldOf(request, "authorization") + '\0' +
                    fieldOf(request, "origin"));
}

Verdict ForwardAuth::verdictOf(const std::string& claims) const {
    if (claims.empty()) return {Refusal::Denied, nullptr, {}, nullptr};
    Verdict verdict = judgeClaims(Claims::parse(claims), {}, revocations_, clock_.wallMs());
    verdict.source = options_.source;
    return verdict;
}

std::optional<Verdict> ForwardAuth::remembered(const HttpRequest& request) {
    if (options_.cache.count() == 0) return std::nullopt;
    const Digest key = keyOf(request);
    std::string claims;
    {
        const std::lock_guard lock{mutex_};
        const auto found = answers_.find(key);
        if (found == answers_.end() ||
            found->second.atMs + options_.cache.count() <= clock_.steadyUs() / 1'000)
            return std::nullopt;
        claims = found->second.claims;
    }
    return verdictOf(claims);
}

Verdict ForwardAuth::ask(const HttpRequest& request) {
    const Digest key = keyOf(request);
    std::vector<std::pair<std::string, std::string>> fields{
        {"Accept", "application/json"},
        {"X-Forwarded-For", request.peer()},
        {"X-Forwarded-Method", std::string{request.method()}},
        {"X-Forwarded-Uri", std::string{request.path()}}};
    for (const char* const name : {"Cookie", "Authorization", "Origin"})
        if (const auto value = request.header(name)) fields.emplace_back(name, *value);
    try {
        const HttpAnswer answer =
            httpGet(options_.url, fields, {options_.timeout, Claims::kBytesMax});
        const bool isYes = answer.status == 200 && Claims::parse(answer.body);
        if (!isYes && answer.status != 401 && answer.status != 403)
            return whileDown(key, answer.status == 200
                                      ? "its answer is no JSON object of claims"
                                      : "it answers " + std::to_string(answer.status));
        remember(key, isYes ? answer.body : "");
        return verdictOf(isYes ? answer.body : "");
    } catch (const std::exception& error) {
        return whileDown(key, error.what());
    }
}

void ForwardAuth::remember(const Digest& key, const std::string& claims) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(isDown_, false)) log::info(kArea, "the application answers again");
    if (options_.cache.count() == 0 && options_.down == ForwardOptions::Down::Refuse) return;
    if (const auto known = answers_.find(key); known != answers_.end())
        ages_.erase(known->second.age);
    else if (answers_.size() == kAnswersMax) {
        answers_.erase(ages_.front());
        ages_.pop_front();
    }
    ages_.push_back(key);
    answers_[key] = {claims, clock_.steadyUs() / 1'000, std::prev(ages_.end())};
}

Verdict ForwardAuth::whileDown(const Digest& key, const std::string& reason) {
    std::string claims;
    {
        const std::lock_guard lock{mutex_};
        const bool usesLast = options_.down == ForwardOptions::Down::Last;
        if (!std::exchange(isDown_, true))
            log::error(kArea, "the application that knows who is who does not answer: " + reason +
                                  (usesLast ? "; its last answers count" : "; nobody gets in"));
        const auto found = usesLast ? answers_.find(key) : answers_.end();
        if (found == answers_.end() || found->second.atMs + kLastMaxMs <= clock_.steadyUs() / 1'000)
            return {Refusal::Unavailable, nullptr, {}, nullptr};
        claims = found->second.claims;
    }
    return verdictOf(claims);
}

}  // namespace sluice
