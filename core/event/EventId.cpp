#include "event/EventId.h"

#include <algorithm>
#include <bit>

#include "base/Assert.h"

namespace sluice {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64Digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kCheckLength = 5;  // the dot and four digits
/// Bytes that the vector of the longest id can hold.
constexpr std::size_t kVectorBytesMax = kEventIdMax / 4 * 3;
constexpr std::size_t kVarintMax = 10;

char* writeHex(char* to, std::uint64_t value) {
    char* const end = to + (value == 0 ? 1 : (std::bit_width(value) + 3) / 4);
    for (char* digit = end; digit != to; value >>= 4) *--digit = kHexDigits[value & 15];
    return end;
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

}  // namespace sluice
