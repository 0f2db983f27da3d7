#include "payload/Payload.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <simdjson.h>

#include "base/JsonText.h"
#include "expression/Json.h"
#include "payload/JsonCursor.h"

namespace sluice {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

/// As cel::parseJson takes a number.
cel::Kind numberKind(std::string_view text) {
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    std::uint64_t natural = 0;
    if (text.find_first_of(".eE") != std::string_view::npos) return cel::Kind::Double;
    if (std::from_chars(text.data(), end, whole).ec == std::errc{}) return cel::Kind::Int;
    const bool fits =
        text.front() != '-' && std::from_chars(text.data(), end, natural).ec == std::errc{};
    return fits ? cel::Kind::Uint : cel::Kind::Double;
}

std::string textOf(error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR:
            return "it is not UTF-8";
        case simdjson::UNCLOSED_STRING:
            return "a string is not closed";
        case simdjson::UNESCAPED_CHARS:
            return "a string has a control character that is not escaped";
        default:
            return "it is no JSON text";
    }
}

}  // namespace

struct Payload::Simdjson {
    ondemand::parser parser;
};

/// One pass over a document; leaves what it finds in slots that count only if it succeeds.
class Payload::Walk {
  public:
    Walk(Payload& payload, const PathTree& tree) : payload_{payload}, tree_{tree} {}

    error_code run(std::string_view text);

  private:
    error_code object(ondemand::object object, PathTree::Place place);
    error_code array(ondemand::array array, PathTree::Place place);
    error_code value(ondemand::value& value, PathTree::Place place);
    error_code below(ondemand::value& value, PathTree::Place place);
    PathTree::Place placeOf(PathTree::Place place, ondemand::raw_json_string key);
    PathTree::Place escapedPlaceOf(PathTree::Place place, std::string_view rest);
    void enter(PathTree::Place place);
    void forget(PathTree::Place place);

    Payload& payload_;
    const PathTree& tree_;
    ondemand::document document_;
    const char* end_ = nullptr;  // of the text
    bool hasEscapes_ = false;    // it may have
    std::string key_;
};

error_code Payload::Walk::run(std::string_view text) {
    end_ = text.data() + text.size();
    hasEscapes_ = text.find('\\') != std::string_view::npos;
    const simdjson::padded_string_view padded{text.data(), text.size(), payload_.capacity_};
    if (auto error = payload_.simdjson_->parser.iterate(padded).get(document_)) return error;
    if (text.front() == '{') {
        ondemand::object root;
        if (auto error = document_.get_object().get(root)) return error;
        if (auto error = object(root, PathTree::kRoot)) return error;
    } else {
        ondemand::array root;
        if (auto error = document_.get_array().get(root)) return error;
        if (auto error = array(root, PathTree::kRoot)) return error;
    }
    // Whatever stands behind the end, or was skipped as if it nested well, shows here.
    return document_.current_location().error() == simdjson::OUT_OF_BOUNDS
               ? simdjson::SUCCESS
               : simdjson::TRAILING_CONTENT;
}

error_code Payload::Walk::object(ondemand::object object, PathTree::Place place) {
    for (auto result : object) {
        if (auto error = result.error()) return error;
        // Not copied: that would wait for what the iterator has just stored.
        ondemand::field&& field = std::move(result).value_unsafe();
        const PathTree::Place found = placeOf(place, field.key());
        if (found == PathTree::kNowhere) continue;
        if (auto error = value(field.value(), found)) return error;
    }
    return simdjson::SUCCESS;
}

error_code Payload::Walk::array(ondemand::array array, PathTree::Place place) {
    std::uint64_t index = 0;
    for (auto result : array) {
        ondemand::value item;
        if (auto error = std::move(result).get(item)) return error;
        const PathTree::Place found = tree_.below(place, index++);
        if (found == PathTree::kNowhere) continue;
        if (auto error = value(item, found)) return error;
    }
    return simdjson::SUCCESS;
}

/// What is found of a value is entered only once it was walked over: an error leaves nothing.
error_code Payload::Walk::value(ondemand::value& value, PathTree::Place place) {
    enter(place);
    const std::string_view token = value.raw_json_token();
    const bool isNested = token.front() == '{' || token.front() == '[';
    std::string_view raw = token;
    if (isNested) {
        if (auto error = below(value, place)) return error;
        const char* end = nullptr;
        if (auto error = document_.current_location().get(end)) return error;
        raw = {token.data(), static_cast<std::size_t>(end - token.data())};
    }
    if (const SlotId slot = tree_.slotAt(place); slot != kNoSlot)
        payload_.slots_[slot] = {State::Found, trimmed(raw)};
    return simdjson::SUCCESS;
}

error_code Payload::Walk::below(ondemand::value& nested, PathTree::Place place) {
    ondemand::json_type type;
    if (auto error = nested.type().get(type)) return error;
    if (type == ondemand::json_type::object) {
        ondemand::object found;
        if (auto error = nested.get_object().get(found)) return error;
        if (tree_.hasKeys(place)) return object(found, place);
        return found.raw_json().error();
    }
    ondemand::array found;
    if (auto error = nested.get_array().get(found)) return error;
    if (tree_.hasItems(place)) return array(found, place);
    return found.raw_json().error();
}

PathTree::Place Payload::Walk::placeOf(PathTree::Place place, ondemand::raw_json_string key) {
    const char* const begin = key.raw();
    const std::string_view rest{begin, static_cast<std::size_t>(end_ - begin)};
    const PathTree::Place found = tree_.belowQuoted(place, rest);
    return found == PathTree::kNowhere && hasEscapes_ ? escapedPlaceOf(place, rest) : found;
}

PathTree::Place Payload::Walk::escapedPlaceOf(PathTree::Place place, std::string_view rest) {
    std::size_t length = 0;
    while (rest[length] != '"') length += rest[length] == '\\' ? 2 : 1;
    const std::string_view token{rest.data() - 1, length + 2};
    // Escapes were not looked at so far.
    if (!isJsonInUtf8(token)) return PathTree::kNowhere;
    return tree_.below(place, jsonKey(token, key_));
}

/// Of equal keys the last one counts, with all that is below it.
void Payload::Walk::enter(PathTree::Place place) {
    if (payload_.visited_[place]) forget(place);
    payload_.visited_[place] = true;
}

void Payload::Walk::forget(PathTree::Place place) {
    if (const SlotId slot = tree_.slotAt(place); slot != kNoSlot)
        payload_.slots_[slot].state = State::Absent;
    tree_.eachBelow(place, [this](PathTree::Place child) { forget(child); });
}

Payload::Payload() : simdjson_{std::make_unique<Simdjson>()} {}
Payload::~Payload() = default;

bool Payload::load(std::string_view bytes, const PathTree& tree) {
    clear(tree);
    if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    const std::string_view text = copy(trimmed(bytes));
    if (text.empty()) return fail("it is empty");
    const SlotId whole = tree.slotAt(PathTree::kRoot);
    const bool isNested = text.front() == '{' || text.front() == '[';
    isUtf8_ = isNested && tree.size() > 1;
    if (isUtf8_) {
        if (const error_code error = Walk{*this, tree}.run(text)) {
            clear(tree);
            return fail(textOf(error));
        }
    } else if (!isNested && !isJson(text)) {
        return fail("it is no JSON text");
    }
    if (whole != kNoSlot) slots_[whole] = {State::Found, text};
    return true;
}

void Payload::clear(const PathTree& tree) {
    problem_.clear();
    if (!tree.slots().empty() && tree.slots().back() >= slots_.size()) {
        slots_.resize(tree.slots().back() + std::size_t{1});
        values_.resize(slots_.size());
    }
    for (const SlotId slot : tree.slots()) slots_[slot].state = State::Absent;
    visited_.assign(tree.size(), false);
}

std::string_view Payload::copy(std::string_view bytes) {
    const std::size_t wanted = bytes.size() + simdjson::SIMDJSON_PADDING;
    const std::size_t keptMax = kKeptBytesMax + simdjson::SIMDJSON_PADDING;
    if (wanted > capacity_ || (capacity_ > keptMax && wanted <= keptMax)) {
        capacity_ = wanted + wanted / 2;
        if (wanted <= keptMax) capacity_ = std::min(capacity_, keptMax);
        buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
        simdjson_ = std::make_unique<Simdjson>();
    }
    if (!bytes.empty()) std::memcpy(buffer_.get(), bytes.data(), bytes.size());
    std::memset(buffer_.get() + bytes.size(), 0, simdjson::SIMDJSON_PADDING);
    return {buffer_.get(), bytes.size()};
}

bool Payload::fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
}

/// Whether the value is JSON throughout; what was skipped so far is looked at now, once.
bool Payload::walk(Slot& slot) {
    if (slot.state == State::Absent) return false;
    if (slot.state != State::Found) return true;
    if (!(isUtf8_ ? isJsonInUtf8(slot.raw) : isJson(slot.raw))) {
        slot.state = State::Absent;
        return fail("it is no JSON text");
    }
    slot.state = State::Walked;
    return true;
}

std::optional<std::string_view> Payload::raw(SlotId id) {
    Slot& slot = slots_[id];
    if (!walk(slot)) return std::nullopt;
    return slot.raw;
}

cel::Value Payload::value(SlotId id, cel::Arena& arena) {
    Slot& slot = slots_[id];
    if (slot.state == State::Decoded) return values_[id];
    return slot.state == State::Absent ? cel::Value::missing() : decode(slot, values_[id], arena);
}

/// What is returned is made where the caller wants it, so that nobody waits for the copy in `kept`.
cel::Value Payload::decode(Slot& slot, cel::Value& kept, cel::Arena& arena) {
    cel::Value value =
        isUtf8_ ? cel::parseJsonInUtf8(slot.raw, arena) : cel::parseJson(slot.raw, arena);
    if (value.isError() && value.failure() == cel::Failure::BadValue) {
        slot.state = State::Absent;
        fail("it is no JSON text");
        value = cel::Value::missing();
    } else {
        slot.state = State::Decoded;
        kept = value;
    }
    return value;
}

cel::Kind Payload::kind(SlotId id) const {
    const Slot& slot = slots_[id];
    if (slot.state == State::Absent) return cel::Kind::Error;
    if (slot.state == State::Decoded) return values_[id].kind();
    switch (slot.raw.front()) {
        case '{':
            return cel::Kind::Map;
        case '[':
            return cel::Kind::List;
        case '"':
            return cel::Kind::String;
        case 't':
        case 'f':
            return cel::Kind::Bool;
        case 'n':
            return cel::Kind::Null;
        default:
            return numberKind(slot.raw);
    }
}

std::size_t Payload::bytesHeld() const {
    return capacity_ + simdjson_->parser.capacity();
}

}  // namespace sluice
