#include "base/Json.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "base/Assert.h"
#include "base/JsonText.h"

namespace sluice {
namespace {

namespace ondemand = simdjson::ondemand;

/// Of a text that is known to be JSON; simdjson throws where it cannot read it all the same (a lone
/// surrogate).
Json convert(ondemand::value value);

Json convertArray(ondemand::array items) {
    Json array = Json::array();
    for (ondemand::value item : items) array.add(convert(item));
    return array;
}

Json convertObject(ondemand::object members) {
    Json object = Json::object();
    for (auto member : members) {
        const std::string key{std::string_view{member.unescaped_key()}};
        if (object.find(key)) throw simdjson::simdjson_error{simdjson::INCORRECT_TYPE};
        object.set(key, convert(member.value()));
    }
    return object;
}

std::string_view trimmed(std::string_view token) {
    return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

Json convert(ondemand::value value) {
    switch (ondemand::json_type{value.type()}) {
        case ondemand::json_type::array:
            return convertArray(value.get_array());
        case ondemand::json_type::object:
            return convertObject(value.get_object());
        case ondemand::json_type::string:
            return Json::string(std::string_view{value.get_string()});
        case ondemand::json_type::boolean:
            return Json::boolean(bool{value.get_bool()});
        case ondemand::json_type::number:
            return Json::numberText(trimmed(value.raw_json_token()));
        default:
            return {};
    }
}

void appendIndent(std::string& out, int indent) {
    if (indent >= 0) out.append(1, '\n').append(static_cast<std::size_t>(indent) * 2, ' ');
}

}  // namespace

Json Json::boolean(bool value) {
    return {Kind::Boolean, value ? "true" : "false"};
}
Json Json::number(std::int64_t value) {
    return {Kind::Number, std::to_string(value)};
}
Json Json::numberText(std::string_view text) {
    return {Kind::Number, std::string{text}};
}
Json Json::string(std::string_view text) {
    return {Kind::String, std::string{text}};
}
Json Json::array() {
    return {Kind::Array, {}};
}
Json Json::object() {
    return {Kind::Object, {}};
}

std::optional<Json> Json::parse(std::string_view text) {
    if (!isJson(text)) return std::nullopt;
    // On demand, a document that is a scalar is read otherwise than a value inside: put it inside.
    const simdjson::padded_string padded{"[" + std::string{text} + "]"};
    ondemand::parser parser;
    try {
        ondemand::document document = parser.iterate(padded);
        Json whole = convertArray(document.get_array());
        return std::move(whole.items_.front());
    } catch (const simdjson::simdjson_error&) {
        return std::nullopt;
    }
}

const Json* Json::find(std::string_view key) const {
    const auto found = std::find(keys_.begin(), keys_.end(), key);
    return found == keys_.end() ? nullptr
                                : &items_[static_cast<std::size_t>(found - keys_.begin())];
}

Json* Json::find(std::string_view key) {
    return const_cast<Json*>(std::as_const(*this).find(key));
}

std::string_view Json::textAt(std::string_view key) const {
    const Json* const value = find(key);
    return value && value->is(Kind::String) ? std::string_view{value->text_} : std::string_view{};
}

Json& Json::set(std::string_view key, Json value) {
    SLUICE_ASSERT(kind_ == Kind::Object);
    const auto found = std::find(keys_.begin(), keys_.end(), key);
    if (found != keys_.end())
        return items_[static_cast<std::size_t>(found - keys_.begin())] = std::move(value);
    keys_.emplace_back(key);
    return items_.emplace_back(std::move(value));
}

Json& Json::add(Json value) {
    SLUICE_ASSERT(kind_ == Kind::Array);
    return items_.emplace_back(std::move(value));
}

std::string Json::compact() const {
    std::string out;
    write(out, -1);
    return out;
}

std::string Json::pretty() const {
    std::string out;
    write(out, 0);
    return out;
}

/// Whether it is short enough for one line of a pretty text.
bool Json::isFlat() const {
    constexpr std::size_t kLineMax = 80;
    const bool flat = std::all_of(items_.begin(), items_.end(),
                                  [](const Json& item) { return item.items_.empty(); });
    return flat && compact().size() <= kLineMax;
}

/// `indent`: of the line that the value begins on; negative: all on one line.
void Json::write(std::string& out, int indent) const {
    if (kind_ == Kind::Null) {
        out += "null";
    } else if (kind_ == Kind::String) {
        appendJsonString(out, text_);
    } else if (kind_ == Kind::Boolean || kind_ == Kind::Number) {
        out += text_;
    } else {
        const bool isObject = kind_ == Kind::Object;
        const int inner = indent < 0 || items_.empty() || isFlat() ? -1 : indent + 1;
        out += isObject ? '{' : '[';
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (i > 0) out += inner < 0 && indent >= 0 ? ", " : ",";
            appendIndent(out, inner);
            if (isObject) {
                appendJsonString(out, keys_[i]);
                out += indent < 0 ? ":" : ": ";
            }
            items_[i].write(out, inner);
        }
        if (inner >= 0) appendIndent(out, indent);
        out += isObject ? '}' : ']';
    }
}

}  // namespace sluice
