// The reading half of EventId.h.
#include <algorithm>
#include <limits>

#include "event/EventId.h"

namespace sluice {
namespace {

/// Bytes that the vector of the longest id can hold.
constexpr std::size_t kVectorBytesMax = kEventIdMax / 4 * 3;
constexpr std::size_t kVarintMax = 10;
constexpr std::size_t kCheckLength = 5;  // the dot and four digits

constexpr std::array<std::int8_t, 256> makeValues(std::string_view digits) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i)
        values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::int8_t>(i);
    return values;
}

constexpr auto kHexValues = makeValues("0123456789abcdef");
constexpr auto kBase64Values =
    makeValues("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

int valueOf(const std::array<std::int8_t, 256>& values, char digit) {
    return values[static_cast<std::uint8_t>(digit)];
}

bool isEpochLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/// The bytes of a vector, in order. Every read says whether they were there and well formed.
class VectorReader {
  public:
    explicit VectorReader(std::span<const std::uint8_t> bytes) : rest_{bytes} {}

    std::size_t rest() const { return rest_.size(); }

    bool bigEndian(std::uint32_t& value, std::size_t bytes) {
        if (rest_.size() < bytes) return false;
        value = 0;
        for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | rest_[i];
        rest_ = rest_.subspan(bytes);
        return true;
    }
    /// Minimal forms of at most `most` only.
    bool varint(std::uint64_t& value,
                std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
        value = 0;
        for (std::size_t i = 0; i < rest_.size() && i < kVarintMax; ++i) {
            const std::uint64_t bits = rest_[i] & 127;
            if (i == kVarintMax - 1 && bits > 1) return false;
            value |= bits << (7 * i);
            if ((rest_[i] & 128) != 0) continue;
            if (i > 0 && bits == 0) return false;
            rest_ = rest_.subspan(i + 1);
            return value <= most;
        }
        return false;
    }

  private:
    std::span<const std::uint8_t> rest_;
};

bool readPlace(VectorReader& from, Words words, std::uint64_t low, Place& place) {
    std::uint64_t above = 0;
    if (!from.varint(above, std::numeric_limits<std::uint64_t>::max() - low)) return false;
    place.position.first = low + above;
    return words == Words::One || from.varint(place.position.second);
}

/// Reads what follows the hash of a family.
bool readFamily(VectorReader& from, FamilyCut& family) {
    std::uint32_t words = 0;
    std::uint64_t lanes = 0, low = 0;
    if (!from.bigEndian(words, 1) || (words != 1 && words != 2)) return false;
    family.words = words == 1 ? Words::One : Words::Two;
    // Every lane takes at least a byte a word: what was sent bounds what is allocated.
    if (!from.varint(lanes, from.rest() / words) || lanes == 0) return false;
    if (!from.varint(low)) return false;
    family.places.resize(static_cast<std::size_t>(lanes));
    for (Place& place : family.places) {
        if (!readPlace(from, family.words, low, place)) return false;
    }
    return true;
}

bool readPartials(VectorReader& from, Cut& cut, std::uint16_t& gen) {
    std::uint32_t read = 0;
    if (!from.bigEndian(read, 2)) return false;
    gen = static_cast<std::uint16_t>(read);
    while (from.rest() > 0) {
        std::uint64_t family = 0, lane = 0, ordinal = 0;
        if (!from.varint(family) || !from.varint(lane)) return false;
        if (!from.varint(ordinal, std::numeric_limits<std::uint32_t>::max())) return false;
        if (family >= cut.size() || lane >= cut[family].places.size()) return false;
        cut[family].places[lane].ordinal = static_cast<std::uint32_t>(ordinal);
    }
    return true;
}

bool readVector(std::span<const std::uint8_t> bytes, Cut& cut, std::uint16_t& gen) {
    VectorReader from{bytes};
    std::uint32_t before = 0;
    while (from.rest() > 0) {
        FamilyCut family;
        if (!from.bigEndian(family.hash, 4)) return false;
        if (family.hash == 0) return readPartials(from, cut, gen);
        if (family.hash <= before || !readFamily(from, family)) return false;
        before = family.hash;
        cut.push_back(std::move(family));
    }
    return true;
}

/// Decodes base64url into `bytes`; how many they are, or nothing. Bits left over at the end are not
/// looked at here: encoding again finds them.
std::optional<std::size_t> readBase64(std::string_view text,
                                      std::array<std::uint8_t, kVectorBytesMax>& bytes) {
    std::size_t size = 0;
    unsigned bits = 0, count = 0;
    if (text.size() % 4 == 1) return std::nullopt;
    for (const char digit : text) {
        const int value = valueOf(kBase64Values, digit);
        if (value < 0) return std::nullopt;
        bits = (bits << 6 | static_cast<unsigned>(value)) & 0xffff;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes[size++] = static_cast<std::uint8_t>(bits >> count);
    }
    return size;
}

/// Takes `text` up to the first of `stop` (or its end) as a hexadecimal number.
bool takeHex(std::string_view& text, char stop, std::uint64_t& value) {
    const std::string_view digits = text.substr(0, text.find(stop));
    text.remove_prefix(digits.size());
    if (digits.empty() || digits.size() > 16 || (digits[0] == '0' && digits.size() > 1))
        return false;
    value = 0;
    for (const char digit : digits) {
        if (valueOf(kHexValues, digit) < 0) return false;
        value = value << 4 | static_cast<unsigned>(valueOf(kHexValues, digit));
    }
    return true;
}

/// Takes everything before the vector off `text`.
bool takeHead(std::string_view& text, EventId& id) {
    const std::size_t epochEnd = 2 + id.epoch.size();
    if (!text.starts_with("1.") || text.size() <= epochEnd || text[epochEnd] != '.') return false;
    std::copy_n(text.begin() + 2, id.epoch.size(), id.epoch.begin());
    if (!std::all_of(id.epoch.begin(), id.epoch.end(), isEpochLetter)) return false;
    text.remove_prefix(epochEnd + 1);
    if (!takeHex(text, '.', id.seq) || text.empty()) return false;
    text.remove_prefix(1);
    return takeHex(text, '~', id.timeMs);
}

/// Decodes `text`, which has no check any more. What several texts would decode to alike is let
/// through.
bool readId(std::string_view text, EventId& id) {
    if (!takeHead(text, id)) return false;
    if (text.empty()) return true;
    std::array<std::uint8_t, kVectorBytesMax> bytes;
    const std::optional<std::size_t> size = readBase64(text.substr(1), bytes);
    return size && readVector({bytes.data(), *size}, id.cut.emplace(), id.gen);
}

std::string encode(const EventId& id) {
    std::string text;
    if (!id.cut) {
        appendShortId(text, id.epoch, id.seq, id.timeMs);
        return text;
    }
    std::vector<FamilyCutView> views;
    views.reserve(id.cut->size());
    for (const FamilyCut& family : *id.cut)
        views.push_back({family.hash, family.words, family.places});
    appendFullId(text, id.epoch, id.seq, id.timeMs, views, id.gen);
    return text;
}

}  // namespace

std::optional<EventId> parseEventId(std::string_view text) {
    if (text.size() <= kCheckLength || text.size() > kEventIdMax) return std::nullopt;
    EventId id;
    if (!readId(text.substr(0, text.size() - kCheckLength), id)) return std::nullopt;
    // One text per cut: encoding again finds a wrong check, leading zeros, spare bits, long
    // varints, partials out of order and whatever else reads like an id and is none.
    if (encode(id) != text) return std::nullopt;
    return id;
}

}  // namespace sluice
