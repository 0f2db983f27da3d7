#include "mapping/Template.h"

#include <algorithm>
#include <cmath>

#include "base/Utf8.h"
#include "expression/Json.h"
#include "expression/Time.h"
#include "mapping/TemplateParser.h"

namespace sluice {
namespace {

using cel::Kind;

void appendHex(std::string& out, char c) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
}

/// The length of what must be encoded at `at`: 2 for U+0080 to U+009F and "..".
std::size_t toEncode(std::string_view value, std::size_t at, bool keepsSlash) {
    const char c = value[at];
    const auto byte = static_cast<unsigned char>(c);
    const auto next = at + 1 < value.size() ? static_cast<unsigned char>(value[at + 1]) : 0u;
    if (byte < 0x20 || byte == 0x7f) return 1;
    if (c == ',' || c == '?' || c == '#' || c == '%' || c == '{' || c == '}') return 1;
    if (c == '/') return keepsSlash ? 0 : 1;
    if (c == '.' && next == '.') return 2;
    return byte == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

void appendEncoded(std::string& out, std::string_view value, bool keepsSlash) {
    for (std::size_t i = 0; i < value.size();) {
        const std::size_t length = toEncode(value, i, keepsSlash);
        if (length == 0) out += value[i++];
        for (std::size_t n = 0; n < length; ++n) appendHex(out, value[i++]);
    }
}

}  // namespace

std::optional<Failure> appendText(std::string& out, const cel::Value& value,
                                  std::string_view expression) {
    switch (value.kind()) {
        case Kind::Error:
            return failureOf(value, {}, expression);
        case Kind::String:
            out += value.asString();
            return std::nullopt;
        case Kind::Bytes:
            out += value.asBytes();
            return std::nullopt;
        case Kind::Timestamp:
            out += cel::textOf(value.asTimestamp());
            return std::nullopt;
        case Kind::Duration:
            out += cel::textOf(value.asDuration());
            return std::nullopt;
        case Kind::Null:
            return Failure{Rejection::NoValue, {}, expression, "it is null, which has no text"};
        case Kind::List:
        case Kind::Map:
        case Kind::Type:
            return Failure{Rejection::BadValue,
                           {},
                           expression,
                           "a list or an object has no text; insert what is in it"};
        case Kind::Double:
            // One of a payload keeps its text, however large it is.
            if (std::isfinite(value.asDouble()) || !value.json().empty()) break;
            return Failure{Rejection::BadValue, {}, expression, "it is no finite number"};
        default:
            break;
    }
    cel::appendJson(out, value);
    return std::nullopt;
}

std::optional<Template> Template::parse(std::string_view text, const RuleScope& scope, Use use,
                                        std::vector<cel::Problem>& problems) {
    Template made;
    made.text_ = text;
    made.use_ = use;
    if (Parser{text, scope, made, problems}.parse()) return made;
    return std::nullopt;
}

std::optional<Failure> Template::render(const MessageValues& values, cel::Arena& arena,
                                        std::string& out) const {
    const std::size_t before = out.size();
    for (const Step& step : steps_) {
        if (auto failure = append(step, values, arena, out)) return failure;
        // An empty beginning would leave it to the sender how the name begins.
        if (use_ == Use::Channel && &step == &steps_.front() && out.size() == before)
            return Failure{Rejection::BadChannel, {}, {}, {}};
    }
    return std::nullopt;
}

void Template::insert(const Step& step, std::string_view value, std::string& out) const {
    if (use_ == Use::Channel)
        appendEncoded(out, value, step.keepsSlash);
    else
        out.append(value);
}

std::optional<Failure> Template::append(const Step& step, const MessageValues& values,
                                        cel::Arena& arena, std::string& out) const {
    if (!step.expression) {
        out += step.literal;
        return std::nullopt;
    }
    if (const auto reference = step.expression->reference()) {
        if (const auto text = values.text(*reference)) {
            insert(step, *text, out);
            return std::nullopt;
        }
    }
    const std::string& source = step.expression->text();
    const cel::Value value = step.expression->evaluate(values, arena);
    if (use_ == Use::Text) return appendText(out, value, source);
    if (value.is(Kind::String)) {
        insert(step, value.asString(), out);
        return std::nullopt;
    }
    std::string text;
    auto failure = appendText(text, value, source);
    if (!failure) insert(step, text, out);
    return failure;
}

bool Template::fixedByTopic() const {
    return std::all_of(steps_.begin(), steps_.end(),
                       [](const Step& step) { return !step.expression || step.isOfTopic; });
}

bool Template::looksInside() const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [](const Step& step) { return step.looksInside; });
}

std::optional<std::string_view> Template::literal() const {
    if (steps_.empty()) return std::string_view{};
    if (steps_.size() > 1 || steps_.front().expression) return std::nullopt;
    return steps_.front().literal;
}

const cel::Expression* Template::single() const {
    const bool isSingle = steps_.size() == 1 && steps_.front().expression;
    return isSingle ? &*steps_.front().expression : nullptr;
}

bool Template::payloadChoosesFirstLevel() const {
    for (const Step& step : steps_) {
        if (step.looksInside) return true;
        if (step.literal.find('/') != std::string::npos) return false;
    }
    return false;
}

std::vector<Pattern::Part> Template::shape(const MessageValues* values) const {
    std::vector<Pattern::Part> parts;
    cel::Arena arena;
    for (const Step& step : steps_) {
        Pattern::Part part;
        part.text = step.literal;
        const bool isUnknown = step.expression && (!values || !step.isOfTopic);
        if (isUnknown || (step.expression && append(step, *values, arena, part.text))) {
            part.isCapture = true;
            part.takesRest = step.keepsSlash;
            part.text.clear();
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace sluice
