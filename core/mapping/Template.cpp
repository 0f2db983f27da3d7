#include "mapping/Template.h"

#include <charconv>

#include "mapping/TemplateParser.h"

namespace sluice {
namespace {

template <typename Number>
std::string_view digits(Number number, char (&buffer)[24]) {
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    return {buffer, static_cast<std::size_t>(end - buffer)};
}

std::string offsetText(const Message& message) {
    char buffer[24];
    std::string text{digits(message.position.first, buffer)};
    if (message.words == Words::One) return text;
    text += '-';
    return text.append(digits(message.position.second, buffer));
}

const std::string_view* findHeader(const Message& message, std::string_view name) {
    const std::string_view* found = nullptr;  // of several the last one counts, as with Kafka
    for (const Message::Header& header : message.headers)
        if (header.name == name) found = header.value ? &*header.value : nullptr;
    return found;
}

const std::string_view* findVariable(const Message& message, std::string_view name) {
    for (const Message::Variable& variable : message.variables)
        if (variable.name == name) return &variable.value;
    return nullptr;
}

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
    if (c == ',' || c == '?' || c == '#' || c == '%') return 1;
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

std::optional<Template> Template::parse(std::string_view text, const Pattern& from, Use use,
                                        Error* error) {
    Template made;
    made.text_ = text;
    made.use_ = use;
    Error found;
    if (Parser{text, from, made, found}.parse()) return made;
    if (error) *error = std::move(found);
    return std::nullopt;
}

std::string_view Template::render(const Message& message, const Pattern::Captures& captures,
                                  std::string& out) const {
    for (const Step& step : steps_)
        if (!append(step, message, captures, out)) return step.name;
    return {};
}

void Template::insert(const Step& step, std::string_view value, std::string& out) const {
    if (use_ == Use::Channel)
        appendEncoded(out, value, step.keepsSlash);
    else
        out.append(value);
}

bool Template::append(const Step& step, const Message& message, const Pattern::Captures& captures,
                      std::string& out) const {
    using Kind = Step::Kind;
    char buffer[24];
    const auto insertFound = [&](const std::string_view* value) {
        if (value) insert(step, *value, out);
        return value != nullptr;
    };
    switch (step.kind) {
        case Kind::Literal:
            out.append(step.text);
            return true;
        case Kind::Capture:
            return insertFound(&captures[step.capture]);
        case Kind::Topic:
            return insertFound(&message.topic);
        case Kind::Key:
            return insertFound(message.key ? &*message.key : nullptr);
        case Kind::Header:
            return insertFound(findHeader(message, step.text));
        case Kind::Variable:
            return insertFound(findVariable(message, step.text));
        case Kind::Time:
            if (message.timeMs) out.append(digits(*message.timeMs, buffer));
            return message.timeMs.has_value();
        case Kind::Partition:
            if (message.lane != kPlainLane) out.append(digits(message.laneOfFamily, buffer));
            return message.lane != kPlainLane;
        case Kind::Offset:
            if (message.lane != kPlainLane) out.append(offsetText(message));
            return message.lane != kPlainLane;
    }
    return false;
}

bool Template::fixedByTopic() const {
    for (const Step& step : steps_) {
        using Kind = Step::Kind;
        if (step.kind != Kind::Literal && step.kind != Kind::Topic && step.kind != Kind::Capture)
            return false;
    }
    return true;
}

bool Template::readsHeaders() const {
    for (const Step& step : steps_)
        if (step.kind == Step::Kind::Header) return true;
    return false;
}

std::optional<std::string_view> Template::literal() const {
    if (steps_.empty()) return std::string_view{};
    if (steps_.size() > 1 || steps_.front().kind != Step::Kind::Literal) return std::nullopt;
    return steps_.front().text;
}

std::vector<Pattern::Part> Template::shape(std::string_view topic,
                                           const Pattern::Captures* captures) const {
    std::vector<Pattern::Part> parts;
    for (const Step& step : steps_) {
        using Kind = Step::Kind;
        Pattern::Part part;
        if (step.kind == Kind::Literal) {
            part.text = step.text;
        } else if (captures && step.kind == Kind::Topic) {
            insert(step, topic, part.text);
        } else if (captures && step.kind == Kind::Capture) {
            insert(step, (*captures)[step.capture], part.text);
        } else {
            part.isCapture = true;
            part.takesRest = step.keepsSlash;
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace sluice
