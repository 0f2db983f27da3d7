#include <cerrno>
#include <initializer_list>
#include <system_error>

#include <openssl/sha.h>
#include <sys/random.h>

#include "event/EventId.h"

namespace sluice {
namespace {

constexpr std::size_t kSlices = 8;
using CrcTables = std::array<std::array<std::uint16_t, 256>, kSlices>;

/// tables[k][b] is what byte b adds to the check when k bytes follow it: eight bytes then need one
/// round of independent loads instead of eight that wait for each other.
constexpr CrcTables makeCrcTables() {
    CrcTables tables{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0);
        tables[0][byte] = static_cast<std::uint16_t>(crc);
    }
    for (std::size_t slice = 1; slice < kSlices; ++slice) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const unsigned before = tables[slice - 1][byte];
            const unsigned after = (before << 8) ^ tables[0][(before >> 8) & 0xff];
            tables[slice][byte] = static_cast<std::uint16_t>(after);
        }
    }
    return tables;
}

constexpr CrcTables kCrcTables = makeCrcTables();

std::array<std::uint8_t, SHA256_DIGEST_LENGTH> sha256(std::string_view text) {
    // SHA256 takes unsigned bytes; the text is only read.
    const std::basic_string<unsigned char> bytes(text.begin(), text.end());
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) {
    const auto at = [&bytes](std::size_t index) { return static_cast<std::uint8_t>(bytes[index]); };
    const CrcTables& t = kCrcTables;
    unsigned crc = 0xffff;
    std::size_t i = 0;
    for (; i + kSlices <= bytes.size(); i += kSlices) {
        crc = static_cast<unsigned>(t[7][at(i) ^ (crc >> 8)] ^ t[6][at(i + 1) ^ (crc & 0xff)] ^
                                    t[5][at(i + 2)] ^ t[4][at(i + 3)] ^ t[3][at(i + 4)] ^
                                    t[2][at(i + 5)] ^ t[1][at(i + 6)] ^ t[0][at(i + 7)]);
    }
    for (; i < bytes.size(); ++i) crc = ((crc << 8) & 0xffff) ^ t[0][at(i) ^ (crc >> 8)];
    return static_cast<std::uint16_t>(crc);
}

Epoch randomEpoch() {
    static constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz234567";
    Epoch epoch = kNobodysEpoch;
    while (epoch == kNobodysEpoch) {
        std::array<std::uint8_t, 8> random{};
        if (getentropy(random.data(), random.size()) != 0)
            throw std::system_error{errno, std::generic_category(), "getentropy"};
        for (std::size_t i = 0; i < epoch.size(); ++i) epoch[i] = kLetters[random[i] & 31];
    }
    return epoch;
}

std::uint32_t familyHash(std::string_view input, std::string_view family, std::string_view cluster,
                         std::string_view incarnation) {
    std::string text{input};
    text.append(1, '\0').append(family);
    for (std::string_view part : {cluster, incarnation}) {
        if (!part.empty()) text.append(1, '\0').append(part);
    }
    const auto digest = sha256(text);
    std::uint32_t hash = 0;
    for (std::size_t i = 0; i < sizeof hash; ++i) hash = (hash << 8) | digest[i];
    return hash == 0 ? 1 : hash;
}

std::uint16_t mappingGeneration(std::string_view normalisedMappings) {
    const auto digest = sha256(normalisedMappings);
    return static_cast<std::uint16_t>(digest[0] << 8 | digest[1]);
}

}  // namespace sluice
