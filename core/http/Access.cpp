#include "http/Access.h"

#include <stdexcept>
#include <utility>

#include "base/Log.h"
#include "http/Authorization.h"
#include "http/HttpClient.h"

namespace sluice {
namespace {

constexpr std::string_view kQueryName = "access_token";

std::string fetchKeys(const std::string& url) {
    const HttpAnswer answer = httpGet(url, {{"Accept", "application/json"}}, {});
    if (answer.status != 200)
        throw std::runtime_error{"the answer has the status " + std::to_string(answer.status)};
    return answer.body;
}

/// RFC 6265 section 5.4: pairs joined by "; ".
std::optional<std::string> cookieOf(const HttpRequest& request, std::string_view name) {
    std::string_view rest = request.header("cookie").value_or("");
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
        std::string_view value = pair.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return std::string{value};
    }
    return std::nullopt;
}

std::string challenge(Refusal refusal) {
    std::string text = R"(Bearer realm="sluice")";
    if (refusal == Refusal::NoToken || refusal == Refusal::Denied) return text;
    text += R"(, error="invalid_token", error_description=")";
    return text.append(sentenceFor(refusal)).append("\"");
}

HttpResponse unavailable(const HttpRequest& request) {
    if (request.method() == "GET" && request.headerHas("accept", "text/event-stream")) {
        // Any other status would make a browser give up for good, and this passes.
        HttpResponse response;
        response.with("Content-Type", "text/event-stream").with("Cache-Control", "no-store");
        response.body = "retry: 10000\n";
        return response;
    }
    return errorResponse(503, {"auth-unavailable", "authorization",
                               sentenceFor(Refusal::Unavailable), "try again in some seconds"})
        .with("Retry-After", "10");
}

}  // namespace

Access::Access(const AuthOptions& options, std::vector<AccessRule> rules, const Clock& clock)
    : options_{options},
      clock_{clock},
      authenticator_{options, fetchKeys, clock},
      forward_{options.forward, authenticator_, clock},
      rules_{std::make_shared<const AccessRules>(std::move(rules))} {}

void Access::setRules(std::vector<AccessRule> rules) {
    auto made = std::make_shared<const AccessRules>(std::move(rules));
    const std::lock_guard lock{mutex_};
    rules_ = std::move(made);
}

std::optional<std::string> Access::tokenOf(const HttpRequest& request) const {
    if (const auto bearer = bearerOf(request)) return std::string{*bearer};
    if (!options_.cookie.empty())
        if (auto cookie = cookieOf(request, options_.cookie)) return cookie;
    if (request.query().find(kQueryName) == std::string_view::npos) return std::nullopt;
    const auto parameters = parseParameters(request.query());
    if (!parameters) return std::nullopt;
    for (const auto& [name, value] : *parameters)
        if (name == kQueryName) return value;
    return std::nullopt;
}

Access::Found Access::look(const HttpRequest& request) {
    if (std::optional<std::string> token = tokenOf(request); token && !token->empty())
        return lookAtToken(request, std::move(*token));
    if (!asksApplication()) return stranger();
    if (std::optional<Verdict> verdict = forward_.remembered(request)) return *verdict;
    return Question{Question::Of::Application, {}, 0, {}};
}

/// Reads what rules allow to everybody.
Verdict Access::stranger() {
    static const ClaimsPtr kNone = Claims::parse("{}");
    Verdict verdict{Refusal::None, kNone, {}, nullptr};
    verdict.isOfStranger = true;
    return verdict;
}

Access::Found Access::lookAtToken(const HttpRequest& request, std::string token) {
    Verdict verdict = authenticator_.judge(token);
    if (verdict.refusal == Refusal::None) return verdict;
    // A token of nobody whom we know may be the application's.
    const bool isForeign =
        verdict.refusal == Refusal::Unknown || verdict.refusal == Refusal::Malformed;
    if (isForeign && asksApplication()) {
        if (std::optional<Verdict> known = forward_.remembered(request)) return *known;
        return Question{Question::Of::Application, {}, 0, {}};
    }
    if (const auto read = authenticator_.askForKeys(verdict))
        return Question{Question::Of::Keys, std::move(verdict), *read, std::move(token)};
    return verdict;
}

Verdict Access::answer(const HttpRequest& request, const Question& question) {
    if (question.of == Question::Of::Application) return forward_.ask(request);
    return authenticator_.judgeAfter(question.verdict, question.read, question.token);
}

Caller Access::caller(Verdict verdict, const HttpRequest& request) const {
    ++accepted_;
    std::shared_ptr<const AccessRules> rules;
    {
        const std::lock_guard lock{mutex_};
        rules = rules_;
    }
    return {std::move(verdict), std::move(rules), request.peer(),
            std::string{request.header("origin").value_or("")}, options_.warn};
}

HttpResponse Access::refuse(Refusal refusal, const HttpRequest& request) {
    ++refused_[static_cast<std::size_t>(refusal)];
    log::limited(log::Level::Info, "auth", nameOf(refusal),
                 "refused (" + std::string{nameOf(refusal)} + "): " +
                     std::string{sentenceFor(refusal)} + "; it came from " + request.peer());
    if (refusal == Refusal::Unavailable) return unavailable(request);
    HttpResponse response =
        errorResponse(401, {"unauthorized", "authorization", sentenceFor(refusal),
                            "send a token as `Authorization: Bearer TOKEN`, or as access_token in "
                            "the query where headers cannot be set"});
    response.with("WWW-Authenticate", challenge(refusal));
    // Its signature was right, or it was known: readers behind one address must not shut each
    // other out by tokens that end.
    response.isOfGoodKey = refusal >= Refusal::Expired && refusal <= Refusal::Revoked;
    return response;
}

std::optional<Verdict> Access::judgeBearer(std::string_view token) const {
    Verdict verdict = authenticator_.judge(token);
    if (verdict.refusal != Refusal::None) return std::nullopt;
    return verdict;
}

AccessCounts Access::counts() const {
    AccessCounts counts;
    counts.accepted = accepted_.load();
    for (std::size_t i = 0; i < kRefusals; ++i) counts.refused[i] = refused_[i].load();
    counts.revocations = authenticator_.revocations().size();
    return counts;
}

}  // namespace sluice
