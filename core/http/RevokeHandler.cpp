#include "http/RevokeHandler.h"

#include <charconv>
#include <utility>

#include "base/Json.h"
#include "base/Log.h"
#include "http/Cors.h"

namespace sluice {
namespace {

constexpr std::string_view kHint =
    R"(send {"subject": "ann"} or {"token": "ID"}, and "until" in seconds since 1970 if you like)";
constexpr std::int64_t kSecondsMax = 253'402'300'799;

HttpResponse bad(std::string_view field, std::string_view message) {
    return errorResponse(400, {"bad-request", field, message, kHint});
}

/// Reads the body; the first thing that is wrong is returned.
std::optional<HttpResponse> read(std::string_view body, Revocations::Whom& whom,
                                 std::int64_t& untilMs) {
    const std::optional<Json> json = Json::parse(body);
    if (!json || !json->is(Json::Kind::Object)) return bad("", "the body is no JSON object");
    for (std::size_t i = 0; i < json->keys().size(); ++i) {
        const std::string& key = json->keys()[i];
        const Json& value = json->items()[i];
        if (key == "until") {
            std::int64_t seconds = 0;
            const std::string& text = value.text();
            const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
            const bool isWhole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
            if (!value.is(Json::Kind::Number) || !isWhole || seconds <= 0 || seconds > kSecondsMax)
                return bad("until", "until is no number of seconds since 1970");
            untilMs = seconds * 1'000;
            continue;
        }
        if (key != "subject" && key != "token") return bad(key, "there is no such member");
        const bool isName = value.is(Json::Kind::String) && !value.text().empty() &&
                            value.text().size() <= Revocations::kNameBytesMax;
        if (!isName) return bad(key, "this is no text of 1 to 1024 bytes");
        (key == "subject" ? whom.subject : whom.tokenId) = value.text();
    }
    if (whom.subject.empty() == whom.tokenId.empty())
        return bad("", "one of subject and token has to be there, and not both");
    return std::nullopt;
}

}  // namespace

RevokeHandler::RevokeHandler(Revocations* revocations, Dismiss dismiss, const Clock& clock,
                             std::chrono::milliseconds leeway)
    : revocations_{revocations}, dismiss_{std::move(dismiss)}, clock_{clock}, leeway_{leeway} {}

std::optional<HttpResponse> RevokeHandler::handle(const HttpRequest& request, HttpConnection&) {
    if (isOfAnotherOrigin(request))
        return errorResponse(
            403, {"other-origin", "Origin", "pages of other origins may not revoke anything", ""});
    if (!revocations_)
        return errorResponse(409,
                             {"no-auth", "", "this node has no `auth`: nobody has a token", ""});
    Revocations::Whom whom;
    std::int64_t untilMs = 0;
    if (auto error = read(request.body(), whom, untilMs)) return error;
    const std::int64_t nowMs = clock_.wallMs();
    // First refused, then dismissed: whoever comes in between is refused or dismissed.
    if (!revocations_->add(whom, nowMs, untilMs))
        return errorResponse(
            503, {"too-many-revocations", "", "100000 revocations are kept, and none has passed",
                  "give them an `until`, and restart the node once"});
    // Streams that are there began before, whatever an issuer whose clock is ahead says.
    const std::int64_t atMs = nowMs + leeway_.count();
    dismiss_({.subject = whom.subject, .tokenId = whom.tokenId, .atMs = atMs});
    log::info("auth", whom.tokenId.empty() ? "the tokens of a subject were revoked"
                                           : "a token was revoked");
    Json json = Json::object();
    json.set("revoked", Json::number(static_cast<std::int64_t>(revocations_->size())));
    return jsonResponse(json.compact() + '\n');
}

}  // namespace sluice
