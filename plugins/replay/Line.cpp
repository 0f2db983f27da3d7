#include "Line.h"

#include <array>

#include <simdjson.h>

namespace sluice::replay {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::array kKinds{std::pair{std::string_view{"header"}, Line::Kind::Header},
                            std::pair{std::string_view{"input"}, Line::Kind::Input},
                            std::pair{std::string_view{"message"}, Line::Kind::Message},
                            std::pair{std::string_view{"lanes"}, Line::Kind::Lanes},
                            std::pair{std::string_view{"lost"}, Line::Kind::Lost},
                            std::pair{std::string_view{"at"}, Line::Kind::At},
                            std::pair{std::string_view{"health"}, Line::Kind::Health}};

[[noreturn]] void refuse(const std::string& why) {
    throw RecordingError{why};
}

/// RFC 4648, the standard alphabet with padding.
std::string fromBase64(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) refuse("a text that should be base64 is none");
    std::string bytes;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isPadding = text[i] == '=' && i + 2 >= text.size();
        const std::size_t value = isPadding ? 0 : kAlphabet.find(text[i]);
        if (value == std::string_view::npos) refuse("a text that should be base64 is none");
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if (i % 4 == 3)
            for (const int shift : {16, 8, 0}) bytes += static_cast<char>(bits >> shift & 0xff);
    }
    if (text.ends_with('=')) bytes.pop_back();
    if (text.ends_with("==")) bytes.pop_back();
    return bytes;
}

Position positionOf(ondemand::value value) {
    std::vector<std::uint64_t> words;
    for (ondemand::value word : value.get_array())
        words.push_back(std::uint64_t{word.get_uint64()});
    if (words.size() != 1 && words.size() != 2) refuse("a position has one or two numbers");
    return {words[0], words.size() == 2 ? words[1] : 0};
}

std::string stringOf(ondemand::value value) {
    return std::string{std::string_view{value.get_string()}};
}

/// Text, null, or {"base64": TEXT}.
std::optional<std::string> textOrBytes(ondemand::value value) {
    if (value.is_null()) return std::nullopt;
    if (ondemand::json_type{value.type()} == ondemand::json_type::string) return stringOf(value);
    return fromBase64(std::string_view{value.get_object()["base64"].get_string()});
}

Line::Pairs pairsOf(ondemand::value value) {
    Line::Pairs pairs;
    for (ondemand::value item : value.get_array()) {
        std::vector<std::optional<std::string>> both;
        for (ondemand::value one : item.get_array()) both.push_back(textOrBytes(one));
        if (both.size() != 2 || !both[0])
            refuse("a header or variable is a list of name and value");
        pairs.emplace_back(std::move(*both[0]), std::move(both[1]));
    }
    return pairs;
}

std::vector<Line::Ends> lanesOf(ondemand::value value) {
    std::vector<Line::Ends> lanes;
    for (ondemand::value item : value.get_array()) {
        Line::Ends& lane = lanes.emplace_back();
        for (auto field : item.get_object()) {
            const std::string_view name = field.unescaped_key();
            std::optional<Position>* const place = name == "low"     ? &lane.low
                                                   : name == "end"   ? &lane.end
                                                   : name == "start" ? &lane.start
                                                                     : nullptr;
            if (place) *place = positionOf(field.value());
        }
    }
    return lanes;
}

std::uint32_t smallNumber(ondemand::value value, std::string_view what) {
    constexpr std::uint64_t kMost = 0xffffffff;
    const std::uint64_t number = value.get_uint64();
    if (number > kMost) refuse(std::string{what} + " is out of its range");
    return static_cast<std::uint32_t>(number);
}

Line::Kind kindOf(std::string_view name) {
    for (const auto& [known, kind] : kKinds)
        if (known == name) return kind;
    refuse("there is no kind of line '" + std::string{name} + "'");
}

/// The members that a line may have; others are of later versions and mean nothing here.
class Members {
  public:
    explicit Members(Line& line) : line_{line} {}

    void take(std::string_view name, ondemand::value value) {
        if (!takeText(name, value) && !takeBytes(name, value)) takeOther(name, value);
    }
    bool hasKind = false, hasFamily = false, hasPosition = false, hasPayload = false;
    bool isTombstone = false;

  private:
    bool takeText(std::string_view name, ondemand::value value) {
        std::string* const text = name == "input"   ? &line_.input
                                  : name == "state" ? &line_.state
                                  : name == "code"  ? &line_.code
                                  : name == "text"  ? &line_.text
                                                    : nullptr;
        if (text) *text = stringOf(value);
        return text != nullptr;
    }

    /// NAME, or NAMEBase64.
    bool takeBytes(std::string_view name, ondemand::value value) {
        const bool isBase64 = name.ends_with("Base64");
        if (isBase64) name.remove_suffix(std::string_view{"Base64"}.size());
        const auto read = [&] {
            return isBase64 ? fromBase64(std::string_view{value.get_string()}) : stringOf(value);
        };
        if (name == "topic" || name == "family") {
            line_.family = read();
            hasFamily = true;
        } else if (name == "key") {
            line_.key = read();
        } else if (name == "payload") {
            line_.payload = read();
            hasPayload = true;
        } else if (name == "cluster") {
            line_.cluster = read();
        } else if (name == "incarnation") {
            line_.incarnation = read();
        } else {
            return false;
        }
        return true;
    }

    void takeOther(std::string_view name, ondemand::value value) {
        if (name == "kind") {
            line_.kind = kindOf(std::string_view{value.get_string()});
            hasKind = true;
        } else if (name == "version") {
            // Of the format in the header; of the plugin, a text, elsewhere.
            if (ondemand::json_type{value.type()} == ondemand::json_type::number)
                line_.version = value.get_uint64();
        } else if (name == "receivedMs") {
            line_.receivedMs = value.get_int64();
        } else if (name == "plain") {
            line_.isPlain = value.get_bool();
        } else if (name == "positionsOf") {
            for (ondemand::value one : value.get_array())
                line_.positionsOf.push_back(stringOf(one));
        } else if (name == "lane") {
            line_.lane = smallNumber(value, "the number of a lane");
        } else if (name == "position" || name == "to") {
            line_.position = positionOf(value);
            hasPosition = true;
        } else if (name == "reason") {
            line_.isReset = std::string_view{value.get_string()} == "reset";
        } else if (name == "timeMs") {
            line_.timeMs = value.get_int64();
        } else if (name == "headers") {
            line_.headers = pairsOf(value);
        } else if (name == "variables") {
            line_.variables = pairsOf(value);
        } else if (name == "tombstone") {
            isTombstone = value.get_bool();
        } else if (name == "words") {
            line_.words = smallNumber(value, "the number of words");
        } else if (name == "lanes") {
            line_.lanes = lanesOf(value);
        }
    }

    Line& line_;
};

/// Whatever is missing.
void check(const Line& line, const Members& members) {
    using Kind = Line::Kind;
    if (!members.hasKind) refuse("it has no kind");
    if (line.kind != Kind::Header && line.input.empty()) refuse("it names no input");
    const bool isOfFamily =
        line.kind == Kind::Message || line.kind == Kind::Lanes || line.kind == Kind::At;
    if (isOfFamily && !members.hasFamily) refuse("it names no topic");
    const bool isOfLane =
        line.kind == Kind::At || (line.kind == Kind::Lost && !line.family.empty());
    if (isOfLane && !line.lane) refuse("it names no lane");
    const bool needsPosition = isOfLane || (line.kind == Kind::Message && line.lane);
    if (needsPosition && !members.hasPosition) refuse("it has no position");
    if (line.kind == Kind::Message && members.hasPayload == members.isTombstone)
        refuse("it has no payload and is no tombstone");
    if (line.kind == Kind::Lanes && line.words != 1 && line.words != 2)
        refuse("positions have one or two words");
}

}  // namespace

Line parseLine(std::string_view text) {
    static thread_local ondemand::parser parser;
    Line line;
    Members members{line};
    try {
        const simdjson::padded_string padded{text};
        ondemand::document document = parser.iterate(padded);
        for (auto field : document.get_object()) members.take(field.unescaped_key(), field.value());
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            refuse("something stands behind its object");
    } catch (const simdjson::simdjson_error& error) {
        refuse(std::string{"it is no line of a recording: "} + error.what());
    }
    check(line, members);
    return line;
}

}  // namespace sluice::replay
