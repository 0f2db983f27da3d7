#include "http/Access.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "base/Log.h"
#include "http/Authorization.h"
#include "http/CertificateClaims.h"
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

bool hasTokenInQuery(const HttpRequest& request) {
    return request.query().find(kQueryName) != std::string_view::npos;
}

std::string challenge(Refusal refusal) {
    std::string text = R"(Bearer realm="sluice")";
    if (refusal == Refusal::NoToken || refusal == Refusal::Denied) return text;
    text += R"(, error="invalid_token", error_description=")";
    return text.append(sentenceFor(refusal)).append("\"");
}

/// What lets in whom it let in before keeps its number; all else gets one that none had.
void numberSources(AuthOptions& options, const AuthOptions& before, std::uint32_t& last) {
    const auto number = [&last](auto& one, const auto& known, const auto& isSame) {
        const auto found = std::find_if(known.begin(), known.end(), isSame);
        one.source = found == known.end() ? ++last : found->source;
    };
    for (StaticTokenOptions& token : options.tokens)
        number(token, before.tokens, [&](const StaticTokenOptions& other) {
            return token.name == other.name && token.digest == other.digest &&
                   token.claims == other.claims;
        });
    for (IssuerOptions& issuer : options.issuers)
        number(issuer, before.issuers,
               [&](const IssuerOptions& other) { return issuer.takesTokensOf(other); });
    const ForwardOptions& asked = before.forward;
    if (!options.forward.url.empty())
        options.forward.source = options.forward.url == asked.url ? asked.source : ++last;
}

std::vector<std::uint32_t> sourcesOf(const AuthOptions& options) {
    std::vector<std::uint32_t> sources;
    for (const StaticTokenOptions& token : options.tokens) sources.push_back(token.source);
    for (const IssuerOptions& issuer : options.issuers) sources.push_back(issuer.source);
    if (options.forward.source != 0) sources.push_back(options.forward.source);
    std::sort(sources.begin(), sources.end());
    return sources;
}

std::vector<std::uint32_t> sourcesGone(const AuthOptions& before, const AuthOptions& now) {
    const std::vector<std::uint32_t> were = sourcesOf(before), are = sourcesOf(now);
    std::vector<std::uint32_t> gone;
    std::set_difference(were.begin(), were.end(), are.begin(), are.end(), std::back_inserter(gone));
    return gone;
}

HttpResponse unavailable(const HttpRequest& request) {
    if (wantsStream(request)) return emptyStream(std::chrono::seconds{10});
    return errorResponse(503, {"auth-unavailable", "authorization",
                               sentenceFor(Refusal::Unavailable), "try again in some seconds"})
        .with("Retry-After", "10");
}

}  // namespace

/// What a reload swaps as a whole.
struct Access::Realm {
    AuthOptions options;
    Authenticator authenticator;
    std::shared_ptr<ForwardAuth> forward;  // shared with another realm that asks in the same way

    bool asksApplication() const { return !options.forward.url.empty(); }
};

Access::Access(const AuthOptions& options, std::vector<AccessRule> rules, const Clock& clock)
    : clock_{clock},
      realm_{makeRealm(options, nullptr)},
      rules_{std::make_shared<const AccessRules>(std::move(rules))},
      dependsOn_{dependencies(*realm_, *rules_)} {}

Access::~Access() = default;

void Access::start() {
    isStarted_ = true;
    realm()->authenticator.start();
}

void Access::stop() noexcept {
    realm()->authenticator.stop();
}

Access::RealmPtr Access::realm() const {
    const std::lock_guard lock{mutex_};
    return realm_;
}

Access::RealmPtr Access::makeRealm(AuthOptions options, const Realm* before) {
    numberSources(options, before ? before->options : AuthOptions{}, lastSource_);
    std::shared_ptr<ForwardAuth> forward;
    if (before && before->options.forward == options.forward)
        forward = before->forward;
    else
        forward = std::make_shared<ForwardAuth>(options.forward, revocations_, clock_);
    const Authenticator* const known = before ? &before->authenticator : nullptr;
    return RealmPtr{
        new Realm{options, {options, fetchKeys, revocations_, clock_, known}, std::move(forward)}};
}

std::vector<std::uint32_t> Access::reload(const AuthOptions& options,
                                          std::vector<AccessRule> rules) {
    auto made = std::make_shared<const AccessRules>(std::move(rules));
    const RealmPtr before = realm();
    RealmPtr fresh = makeRealm(options, before.get());
    const bool isOther = !(fresh->options == before->options);
    if (isOther && isStarted_) fresh->authenticator.start();
    {
        const std::lock_guard lock{mutex_};
        rules_ = std::move(made);
        if (isOther) realm_ = fresh;
        dependsOn_ = dependencies(*realm_, *rules_);
    }
    if (!isOther) return {};
    before->authenticator.stop();
    return sourcesGone(before->options, fresh->options);
}

/// The application is asked with the fields that ForwardAuth passes on.
std::string Access::dependencies(const Realm& realm, const AccessRules& rules) {
    const auto looksAtOrigin = [](const AccessRule& rule) {
        const auto& references = rule.references();
        return std::any_of(references.begin(), references.end(), [](const AllowReference& one) {
            return one.kind == AllowReference::Kind::Origin;
        });
    };
    std::string fields = "Authorization";
    if (!realm.options.cookie.empty() || realm.asksApplication()) fields += ", Cookie";
    if (realm.asksApplication() ||
        std::any_of(rules.rules().begin(), rules.rules().end(), looksAtOrigin))
        fields += ", Origin";
    return fields;
}

std::string Access::dependsOn() const {
    const std::lock_guard lock{mutex_};
    return dependsOn_;
}

std::optional<std::string> Access::tokenOf(const HttpRequest& request, const Realm& realm) {
    if (const auto bearer = bearerOf(request)) return std::string{*bearer};
    if (!realm.options.cookie.empty())
        if (auto cookie = cookieOf(request, realm.options.cookie)) return cookie;
    if (!hasTokenInQuery(request)) return std::nullopt;
    const auto parameters = parseParameters(request.query());
    if (!parameters) return std::nullopt;
    for (const auto& [name, value] : *parameters)
        if (name == kQueryName) return value;
    return std::nullopt;
}

bool Access::showsCookie(const HttpRequest& request) const {
    const RealmPtr now = realm();
    return !bearerOf(request) && !now->options.cookie.empty() &&
           cookieOf(request, now->options.cookie);
}

Access::Question Access::ofApplication(const RealmPtr& realm) {
    return {Question::Of::Application, {}, 0, {}, realm};
}

std::chrono::milliseconds Access::Question::patience() const {
    return of == Of::Keys ? Authenticator::kReadMax : realm->options.forward.timeout;
}

Access::Found Access::look(const HttpRequest& request) {
    const RealmPtr now = realm();
    if (std::optional<std::string> token = tokenOf(request, *now); token && !token->empty())
        return lookAtToken(request, std::move(*token), now);
    if (const ClientCertificate* const certificate = request.certificate())
        return judgeCertificate(*certificate);
    if (!now->asksApplication()) return stranger();
    if (std::optional<Verdict> verdict = now->forward->remembered(request)) return *verdict;
    return ofApplication(now);
}

/// Reads what rules allow to everybody.
Verdict Access::stranger() {
    static const ClaimsPtr kNone = Claims::parse("{}");
    Verdict verdict{Refusal::None, kNone, {}, nullptr};
    verdict.isOfStranger = true;
    return verdict;
}

/// The handshake has found out whose it is; what ends it or revokes it counts as for tokens.
Verdict Access::judgeCertificate(const ClientCertificate& certificate) const {
    ClaimsPtr claims = claimsOf(certificate);
    if (!claims) return {Refusal::Certificate, nullptr, {}, nullptr};
    return judgeClaims(std::move(claims), {}, revocations_, clock_.wallMs());
}

Access::Found Access::lookAtToken(const HttpRequest& request, std::string token,
                                  const RealmPtr& realm) const {
    Verdict verdict = realm->authenticator.judge(token);
    if (verdict.refusal == Refusal::None) return verdict;
    // A token of nobody whom we know may be the application's.
    const bool isForeign =
        verdict.refusal == Refusal::Unknown || verdict.refusal == Refusal::Malformed;
    if (isForeign && realm->asksApplication()) {
        if (std::optional<Verdict> known = realm->forward->remembered(request)) return *known;
        return ofApplication(realm);
    }
    if (const auto read = realm->authenticator.askForKeys(verdict))
        return Question{Question::Of::Keys, std::move(verdict), *read, std::move(token), realm};
    return verdict;
}

Verdict Access::answer(const HttpRequest& request, const Question& question) {
    Realm& asked = *question.realm;
    Verdict verdict =
        question.of == Question::Of::Application
            ? asked.forward->ask(request)
            : asked.authenticator.judgeAfter(question.verdict, question.read, question.token);
    if (realm() == question.realm) return verdict;
    // A reload came in between: what counts now is asked, and that once.
    Found again = look(request);
    if (Verdict* const known = std::get_if<Verdict>(&again)) return std::move(*known);
    const Question& other = std::get<Question>(again);
    if (other.of == Question::Of::Application) return other.realm->forward->ask(request);
    return other.realm->authenticator.judgeAfter(other.verdict, other.read, other.token);
}

Caller Access::caller(Verdict verdict, const HttpRequest& request) const {
    ++accepted_;
    std::shared_ptr<const AccessRules> rules;
    std::chrono::milliseconds warn{0};
    {
        const std::lock_guard lock{mutex_};
        rules = rules_;
        warn = realm_->options.warn;
    }
    return {std::move(verdict), std::move(rules), request.peer(),
            std::string{request.header("origin").value_or("")}, warn};
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
    if (refusal >= Refusal::Expired && refusal <= Refusal::Revoked)
        response.guess = HttpResponse::Guess::None;
    // Nor by sessions that have ended.
    const bool showsToken = bearerOf(request) || hasTokenInQuery(request);
    if (refusal == Refusal::Denied && !showsToken && request.header("cookie"))
        response.guess = HttpResponse::Guess::Session;
    return response;
}

std::optional<Verdict> Access::judgeBearer(std::string_view token) const {
    Verdict verdict = realm()->authenticator.judge(token);
    if (verdict.refusal != Refusal::None) return std::nullopt;
    return verdict;
}

AccessCounts Access::counts() const {
    AccessCounts counts;
    counts.accepted = accepted_.load();
    for (std::size_t i = 0; i < kRefusals; ++i) counts.refused[i] = refused_[i].load();
    counts.revocations = revocations_.size();
    return counts;
}

}  // namespace sluice
