#include "IdReader.h"

#include <array>
#include <cstddef>
#include <string>

namespace sluice::property {
namespace {

// The check by long division, bit by bit; four bits at a time would be core's kind of cleverness.
struct CheckTable {
    std::array<std::uint16_t, 256> of{};
    constexpr CheckTable() {
        for (unsigned byte = 0; byte < 256; ++byte) {
            unsigned rest = byte << 8;
            for (int bit = 0; bit < 8; ++bit)
                rest = (rest & 0x8000u) ? ((rest << 1) ^ 0x1021u) & 0xffffu : (rest << 1) & 0xffffu;
            of[byte] = static_cast<std::uint16_t>(rest);
        }
    }
};

unsigned checkOf(std::string_view text) {
    static constexpr CheckTable table;
    unsigned rest = 0xffff;
    for (const char c : text)
        rest = ((rest << 8) & 0xffffu) ^ table.of[(rest >> 8) ^ static_cast<unsigned char>(c)];
    return rest;
}

bool readHex(std::string_view text, std::uint64_t& value) {
    if (text.empty() || text.size() > 16 || (text.size() > 1 && text[0] == '0')) return false;
    value = 0;
    for (const char c : text) {
        const bool isDigit = c >= '0' && c <= '9';
        if (!isDigit && (c < 'a' || c > 'f')) return false;
        value = value * 16 + static_cast<unsigned>(isDigit ? c - '0' : c - 'a' + 10);
    }
    return true;
}

int valueOf64(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool decode64(std::string_view text, std::vector<unsigned char>& bytes) {
    bytes.clear();
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = valueOf64(c);
        if (value < 0) return false;
        bits = (bits << 6) | static_cast<unsigned>(value);
        if ((count += 6) < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<unsigned char>(bits >> count));
        bits &= (1u << count) - 1;
    }
    return count < 6 && bits == 0;
}

class VectorReader {
  public:
    VectorReader(const std::vector<unsigned char>& bytes, ReadId& id) : bytes_{bytes}, id_{id} {}

    bool run() {
        std::uint64_t lastHash = 0;
        while (at_ < bytes_.size()) {
            const std::uint64_t hash = fixed(4);
            if (hash == 0) return partials();
            if (hash <= lastHash || !family(static_cast<std::uint32_t>(hash))) return false;
            lastHash = hash;
        }
        return good_;
    }

  private:
    bool family(std::uint32_t hash) {
        const std::uint64_t words = fixed(1);
        const std::uint64_t count = varint();
        const std::uint64_t low = varint();
        if (!good_ || words < 1 || words > 2 || count == 0 || count > bytes_.size()) return false;
        begins_.push_back(id_.lanes.size());
        for (std::uint32_t index = 0; index < count && good_; ++index) {
            Place place;
            place.position.first = low + varint();
            if (place.position.first < low) return false;
            if (words == 2) place.position.second = varint();
            id_.lanes.push_back({hash, index, place});
        }
        return good_;
    }

    bool partials() {
        id_.generation = static_cast<std::uint16_t>(fixed(2));
        if (at_ == bytes_.size()) return false;
        while (at_ < bytes_.size()) {
            const std::uint64_t family = varint();
            const std::uint64_t lane = varint();
            const std::uint64_t ordinal = varint();
            if (!good_ || family >= begins_.size() || ordinal == 0 || ordinal >> 32) return false;
            const std::size_t at = begins_[family] + lane;
            const std::size_t end =
                family + 1 < begins_.size() ? begins_[family + 1] : id_.lanes.size();
            if (lane >= end || at >= end) return false;
            id_.lanes[at].place.ordinal = static_cast<std::uint32_t>(ordinal);
        }
        return good_;
    }

    std::uint64_t fixed(std::size_t count) {
        std::uint64_t value = 0;
        for (; count > 0; --count) value = value << 8 | byte();
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const unsigned one = byte();
            if (shift == 63 && one > 1) break;
            value |= std::uint64_t{one & 127u} << shift;
            if (one < 128) {
                if (one == 0 && shift > 0) good_ = false;
                return value;
            }
        }
        good_ = false;
        return 0;
    }
    unsigned byte() {
        if (at_ < bytes_.size()) return bytes_[at_++];
        good_ = false;
        return 0;
    }

    const std::vector<unsigned char>& bytes_;
    ReadId& id_;
    std::vector<std::size_t> begins_;
    std::size_t at_ = 0;
    bool good_ = true;
};

std::string_view upTo(std::string_view& rest, char end) {
    const std::size_t at = rest.find(end);
    const std::string_view word = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    return word;
}

bool isEpoch(std::string_view text) {
    for (const char c : text)
        if ((c < 'a' || c > 'z') && (c < '2' || c > '7')) return false;
    return text.size() == 8;
}

}  // namespace

bool readId(std::string_view text, ReadId& id) {
    id.lanes.clear();
    id.generation = 0;
    const std::size_t dot = text.rfind('.');
    if (text.size() > 1'024 || dot == std::string_view::npos || text.size() - dot != 5)
        return false;
    unsigned check = 0;
    for (const char c : text.substr(dot + 1)) {
        std::uint64_t digit = 0;
        if (!readHex({&c, 1}, digit)) return false;
        check = check * 16 + static_cast<unsigned>(digit);
    }
    std::string_view rest = text.substr(0, dot);
    if (checkOf(rest) != check || upTo(rest, '.') != "1") return false;
    id.epoch = upTo(rest, '.');
    const std::string_view seq = upTo(rest, '.');
    const std::size_t tilde = rest.find('~');
    id.isFull = tilde != std::string_view::npos;
    if (!isEpoch(id.epoch) || !readHex(seq, id.seq) || !readHex(rest.substr(0, tilde), id.timeMs))
        return false;
    if (!id.isFull) return true;
    static thread_local std::vector<unsigned char> bytes;
    return decode64(rest.substr(tilde + 1), bytes) && VectorReader{bytes, id}.run();
}

}  // namespace sluice::property
