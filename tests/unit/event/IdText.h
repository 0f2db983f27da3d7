#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/EventId.h"

namespace sluice {

/// `hex` ("0a ff", spaces are skipped) as bytes.
inline std::string bytesOf(std::string_view hex) {
    std::string bytes, pair;
    for (const char digit : hex) {
        if (digit == ' ') continue;
        pair += digit;
        if (pair.size() < 2) continue;
        bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
        pair.clear();
    }
    return bytes;
}

/// base64url without padding, bit by bit.
inline std::string base64Of(std::string_view bytes) {
    static constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const auto bit = [bytes](std::size_t at) {
        return at / 8 < bytes.size() ? bytes[at / 8] >> (7 - at % 8) & 1 : 0;
    };
    std::string text;
    for (std::size_t at = 0; at < bytes.size() * 8; at += 6) {
        int digit = 0;
        for (std::size_t i = 0; i < 6; ++i) digit = digit * 2 + bit(at + i);
        text += kDigits[digit];
    }
    return text;
}

/// `text` with the dot and the check that belong to it.
inline std::string checked(std::string text) {
    static constexpr char kDigits[] = "0123456789abcdef";
    const unsigned crc = crc16(text);
    text += '.';
    for (const int shift : {12, 8, 4, 0}) text += kDigits[crc >> shift & 15];
    return text;
}

/// An id whose vector has these bytes, with the right check.
inline std::string idWithVector(std::string_view bytes) {
    return checked("1.abcdefgh.1.2~" + base64Of(bytes));
}

inline std::vector<FamilyCutView> viewsOf(const Cut& cut) {
    std::vector<FamilyCutView> views;
    for (const FamilyCut& family : cut) views.push_back({family.hash, family.words, family.places});
    return views;
}

/// The text of an id, or nothing if it would be too long.
inline std::string textOf(const EventId& id) {
    std::string text;
    if (id.cut) {
        appendFullId(text, id.epoch, id.seq, id.timeMs, viewsOf(*id.cut), id.gen);
    } else {
        appendShortId(text, id.epoch, id.seq, id.timeMs);
    }
    return text;
}

}  // namespace sluice
