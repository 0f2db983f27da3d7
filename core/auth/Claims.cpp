#include "auth/Claims.h"

#include "base/Json.h"
#include "expression/Json.h"

namespace sluice {

ClaimsPtr Claims::parse(std::string_view json) {
    if (json.size() > kBytesMax) return nullptr;
    // It refuses keys that stand twice: two readers of one text must not differ.
    const std::optional<Json> strict = Json::parse(json);
    if (!strict || !strict->is(Json::Kind::Object)) return nullptr;
    const std::shared_ptr<Claims> claims{new Claims{json}};
    claims->value_ = cel::parseJson(claims->text_, claims->arena_);
    if (!claims->value_.is(cel::Kind::Map)) return nullptr;
    return claims;
}

std::string_view Claims::textAt(std::string_view name) const {
    const cel::Value* const member = find(name);
    return member && member->is(cel::Kind::String) ? member->asString() : std::string_view{};
}

Claims::Time Claims::timeAt(std::string_view name) const {
    constexpr double kSecondsMax = 253'402'300'799.0;
    const cel::Value* const member = find(name);
    if (!member) return {};
    if (!member->isNumber()) return {true, std::nullopt};
    const double seconds = member->toDouble();
    if (!(seconds >= 0 && seconds <= kSecondsMax)) return {true, std::nullopt};
    return {true, static_cast<std::int64_t>(seconds * 1'000)};
}

}  // namespace sluice
