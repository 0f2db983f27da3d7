#include "delivery/StreamNumbers.h"

#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "delivery/Subscriber.h"

namespace sluice {
namespace {

constexpr std::size_t kNumberBytes = 12, kMacBytes = 16;
using Bytes = std::array<unsigned char, kNumberBytes + kMacBytes>;

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put(unsigned char* out, std::uint32_t word) {
    for (int i = 0; i < 4; ++i) out[i] = static_cast<unsigned char>(word >> (24 - 8 * i));
}

std::uint32_t take(const unsigned char* in) {
    return std::uint32_t{in[0]} << 24 | std::uint32_t{in[1]} << 16 | std::uint32_t{in[2]} << 8 |
           std::uint32_t{in[3]};
}

/// 28 bytes are 224 bits: 38 characters; two more say nothing and are fixed.
std::string encoded(const Bytes& bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const unsigned char byte : bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63u];
    }
    text += kDigits[bits << (6 - count) & 63u];
    return text.append(StreamTokens::kLength - text.size(), 'A');
}

}  // namespace

StreamTokens::StreamTokens() {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
        throw std::runtime_error{"there are no random numbers for the key of stream tokens"};
}

std::string StreamTokens::tokenOf(StreamNumber number) const {
    Bytes bytes{};
    put(bytes.data(), number.loop);
    put(bytes.data() + 4, number.place);
    put(bytes.data() + 8, number.generation);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), kNumberBytes,
         mac.data(), nullptr);
    std::copy_n(mac.begin(), kMacBytes, bytes.begin() + kNumberBytes);
    return encoded(bytes);
}

std::optional<StreamNumber> StreamTokens::read(std::string_view token) const {
    if (token.size() != kLength) return std::nullopt;
    std::array<unsigned char, kNumberBytes> bytes{};
    for (std::size_t i = 0; i < kNumberBytes * 8 / 6; ++i) {
        const std::size_t digit = kDigits.find(token[i]);
        if (digit == std::string_view::npos) return std::nullopt;
        for (std::size_t bit = 0; bit < 6; ++bit)
            if (digit >> (5 - bit) & 1u)
                bytes[(i * 6 + bit) / 8] |= static_cast<unsigned char>(0x80u >> (i * 6 + bit) % 8);
    }
    const StreamNumber number{take(bytes.data()), take(bytes.data() + 4), take(bytes.data() + 8)};
    const std::string own = tokenOf(number);
    // In constant time: how much of a guess was right must not show.
    if (CRYPTO_memcmp(own.data(), token.data(), kLength) != 0) return std::nullopt;
    return number;
}

void StreamNumbers::enter(Subscriber& subscriber, const IpAddress& address, std::int64_t nowMs) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(places_.size()));
        places_.emplace_back();
    }
    subscriber.place = free_.back();
    free_.pop_back();
    Place& place = places_[subscriber.place];
    place.subscriber = &subscriber;
    place.openedS = static_cast<std::uint32_t>(nowMs / 1'000);
    place.address = address;
}

void StreamNumbers::leave(const Subscriber& subscriber) noexcept {
    Place& place = places_[subscriber.place];
    place.subscriber = nullptr;
    ++place.generation;
    free_.push_back(subscriber.place);
}

StreamNumber StreamNumbers::numberOf(const Subscriber& subscriber) const {
    return {loop_, subscriber.place, places_[subscriber.place].generation};
}

const IpAddress& StreamNumbers::addressOf(const Subscriber& subscriber) const {
    return places_[subscriber.place].address;
}

std::int64_t StreamNumbers::openedS(const Subscriber& subscriber) const {
    return places_[subscriber.place].openedS;
}

Subscriber* StreamNumbers::find(StreamNumber number) const {
    if (number.place >= places_.size()) return nullptr;
    const Place& place = places_[number.place];
    return place.generation == number.generation ? place.subscriber : nullptr;
}

}  // namespace sluice
