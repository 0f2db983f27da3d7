#include "event/EventId.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/Assert.h"

namespace sluice {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64Digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kCheckLength = 5;  // the dot and four digits
/// Bytes that the vector of the longest id can hold.
constexpr std::size_t kVectorBytesMax = kEventIdMax / 4 * 3;
constexpr std::size_t kVarintMax = 10;

constexpr std::array<std::int8_t, 256> makeValues(std::string_view digits) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i)
        values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::int8_t>(i);
    return values;
}

constexpr auto kHexValues = makeValues(kHexDigits);
constexpr auto kBase64Values = makeValues(kBase64Digits);

int valueOf(const std::array<std::int8_t, 256>& values, char digit) {
    return values[static_cast<std::uint8_t>(digit)];
}

bool isEpochLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); }

// ------------------------------------------------------------------------------- writing

char* writeHex(char* to, std::uint64_t value) {
    const int digits = std::max(1, (std::bit_width(value) + 3) / 4);
    for (int i = digits - 1; i >= 0; --i, value >>= 4) to[i] = kHexDigits[value & 15];
    return to + digits;
}

/// "1." epoch "." seq "." time
void appendHead(std::string& out, const Epoch& epoch, std::uint64_t seq, std::uint64_t timeMs) {
    std::array<char, 2 + 8 + 1 + 16 + 1 + 16> head;
    char* to = head.data();
    *to++ = '1';
    *to++ = '.';
    to = std::copy(epoch.begin(), epoch.end(), to);
    *to++ = '.';
    to = writeHex(to, seq);
    *to++ = '.';
    to = writeHex(to, timeMs);
    out.append(head.data(), static_cast<std::size_t>(to - head.data()));
}

/// Ends the id that begins at `begin`.
void appendCheck(std::string& out, std::size_t begin) {
    const unsigned crc = crc16(std::string_view{out}.substr(begin));
    const char check[kCheckLength] = {'.', kHexDigits[crc >> 12], kHexDigits[crc >> 8 & 15],
                                      kHexDigits[crc >> 4 & 15], kHexDigits[crc & 15]};
    out.append(check, kCheckLength);
}

/// Turns the bytes of a vector into base64url text, a buffer at a time.
class VectorWriter {
  public:
    explicit VectorWriter(std::string& out) : out_{out} {}

    void byte(unsigned value) {
        if (size_ == raw_.size()) flush();
        raw_[size_++] = static_cast<std::uint8_t>(value);
    }
    void bigEndian(std::uint32_t value, int bytes) {
        while (bytes-- > 0) byte(value >> (8 * bytes) & 0xff);
    }
    void varint(std::uint64_t value) {
        if (size_ + kVarintMax > raw_.size()) flush();
        for (; value > 127; value >>= 7)
            raw_[size_++] = static_cast<std::uint8_t>((value & 127) | 128);
        raw_[size_++] = static_cast<std::uint8_t>(value);
    }
    /// Writes what is left. Nothing may follow.
    void finish();

  private:
    void flush();

    std::string& out_;
    std::array<std::uint8_t, kVectorBytesMax> raw_;  // the first size_ are set
    std::size_t size_ = 0;
};

void VectorWriter::flush() {
    const std::size_t whole = size_ / 3 * 3;
    const std::size_t begin = out_.size();
    out_.resize(begin + whole / 3 * 4);
    char* to = out_.data() + begin;
    for (std::size_t i = 0; i < whole; i += 3) {
        const unsigned bits = static_cast<unsigned>(raw_[i] << 16 | raw_[i + 1] << 8 | raw_[i + 2]);
        *to++ = kBase64Digits[bits >> 18];
        *to++ = kBase64Digits[bits >> 12 & 63];
        *to++ = kBase64Digits[bits >> 6 & 63];
        *to++ = kBase64Digits[bits & 63];
    }
    std::copy(raw_.begin() + static_cast<std::ptrdiff_t>(whole),
              raw_.begin() + static_cast<std::ptrdiff_t>(size_), raw_.begin());
    size_ -= whole;
}

void VectorWriter::finish() {
    flush();
    if (size_ == 0) return;
    const unsigned bits = static_cast<unsigned>(raw_[0] << 16 | (size_ == 2 ? raw_[1] << 8 : 0));
    out_ += kBase64Digits[bits >> 18];
    out_ += kBase64Digits[bits >> 12 & 63];
    if (size_ == 2) out_ += kBase64Digits[bits >> 6 & 63];
}

/// Writes one family; true if some place of it has an ordinal.
bool writeFamily(VectorWriter& to, const FamilyCutView& family) {
    const auto lower = [](const Place& a, const Place& b) {
        return a.position.first < b.position.first;
    };
    const std::uint64_t low =
        std::min_element(family.places.begin(), family.places.end(), lower)->position.first;
    to.bigEndian(family.hash, 4);
    to.byte(static_cast<unsigned>(family.words));
    to.varint(family.places.size());
    to.varint(low);
    std::uint32_t ordinals = 0;
    for (const Place& place : family.places) {
        to.varint(place.position.first - low);
        if (family.words == Words::Two) to.varint(place.position.second);
        ordinals |= place.ordinal;
    }
    return ordinals != 0;
}

void writePartials(VectorWriter& to, std::span<const FamilyCutView> cut, std::uint16_t gen) {
    to.bigEndian(0, 4);
    to.bigEndian(gen, 2);
    for (std::size_t family = 0; family < cut.size(); ++family) {
        for (std::size_t lane = 0; lane < cut[family].places.size(); ++lane) {
            const std::uint32_t ordinal = cut[family].places[lane].ordinal;
            if (ordinal == 0) continue;
            to.varint(family);
            to.varint(lane);
            to.varint(ordinal);
        }
    }
}

// ------------------------------------------------------------------------------- reading

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

bool hasItsCheck(std::string_view text) {
    if (text.size() <= kCheckLength) return false;
    std::string check;
    const std::string_view checked = text.substr(0, text.size() - kCheckLength);
    check.append(checked);
    appendCheck(check, 0);
    return check == text;
}

std::string vectorText(const Cut& cut, std::uint16_t gen) {
    std::vector<FamilyCutView> views;
    views.reserve(cut.size());
    for (const FamilyCut& family : cut) views.push_back({family.hash, family.words, family.places});
    std::string text;
    appendVector(text, views, gen);
    return text;
}

}  // namespace

void appendVector(std::string& out, std::span<const FamilyCutView> cut, std::uint16_t gen) {
    VectorWriter to{out};
    std::uint32_t before = 0;
    bool partials = false;
    for (const FamilyCutView& family : cut) {
        SLUICE_ASSERT(family.hash > before && !family.places.empty());
        before = family.hash;
        partials |= writeFamily(to, family);
    }
    if (partials) writePartials(to, cut, gen);
    to.finish();
}

bool appendFullId(std::string& out, const Epoch& epoch, std::uint64_t seq, std::uint64_t timeMs,
                  std::span<const FamilyCutView> cut, std::uint16_t gen) {
    std::size_t lanes = 0;
    for (const FamilyCutView& family : cut) lanes += family.places.size();
    if (lanes > kVectorBytesMax) return false;
    const std::size_t begin = out.size();
    appendHead(out, epoch, seq, timeMs);
    out += '~';
    appendVector(out, cut, gen);
    if (out.size() - begin + kCheckLength > kEventIdMax) {
        out.resize(begin);
        return false;
    }
    appendCheck(out, begin);
    return true;
}

void appendShortId(std::string& out, const Epoch& epoch, std::uint64_t seq, std::uint64_t timeMs) {
    const std::size_t begin = out.size();
    appendHead(out, epoch, seq, timeMs);
    appendCheck(out, begin);
}

std::optional<EventId> parseEventId(std::string_view text) {
    if (text.size() > kEventIdMax || !hasItsCheck(text)) return std::nullopt;
    text.remove_suffix(kCheckLength);
    EventId id;
    if (!takeHead(text, id)) return std::nullopt;
    if (text.empty()) return id;
    text.remove_prefix(1);
    std::array<std::uint8_t, kVectorBytesMax> bytes;
    const std::optional<std::size_t> size = readBase64(text, bytes);
    if (!size) return std::nullopt;
    if (!readVector({bytes.data(), *size}, id.cut.emplace(), id.gen)) return std::nullopt;
    // One text per cut: whatever else would decode to the same cut is refused here.
    if (vectorText(*id.cut, id.gen) != text) return std::nullopt;
    return id;
}

}  // namespace sluice
