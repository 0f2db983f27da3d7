#include "auth/Jwt.h"

#include <algorithm>

#include "auth/Base64Url.h"
#include "auth/Key.h"
#include "base/Json.h"

namespace sluice {
namespace {

bool isText(const Json* value) {
    return value && value->is(Json::Kind::String);
}

bool readHeader(std::string_view text, Jwt& jwt) {
    const std::optional<Json> header = Json::parse(text);
    if (!header || !header->is(Json::Kind::Object)) return false;
    if (!isText(header->find("alg")) || header->find("crit")) return false;
    if (header->find("typ") && !isText(header->find("typ"))) return false;
    jwt.algorithm = algorithmOf(header->textAt("alg"));
    if (!header->find("kid")) return true;
    jwt.kid = header->textAt("kid");
    return isText(header->find("kid")) && jwt.kid.size() <= Key::kIdBytesMax;
}

}  // namespace

bool looksLikeJwt(std::string_view token) {
    return std::count(token.begin(), token.end(), '.') == 2;
}

std::optional<Jwt> parseJwt(std::string_view token) {
    if (token.size() > Jwt::kBytesMax || !looksLikeJwt(token)) return std::nullopt;
    const std::size_t first = token.find('.'), second = token.find('.', first + 1);
    if (first > Jwt::kHeaderBytesMax) return std::nullopt;
    const auto header = decodeBase64Url(token.substr(0, first));
    const auto payload = decodeBase64Url(token.substr(first + 1, second - first - 1));
    auto signature = decodeBase64Url(token.substr(second + 1));
    if (!header || !payload || !signature) return std::nullopt;
    Jwt jwt;
    if (!readHeader(*header, jwt)) return std::nullopt;
    jwt.claims = Claims::parse(*payload);
    if (!jwt.claims) return std::nullopt;
    jwt.signedText = token.substr(0, second);
    jwt.signature = std::move(*signature);
    return jwt;
}

}  // namespace sluice
