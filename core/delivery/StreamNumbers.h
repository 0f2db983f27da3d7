#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/IpAddress.h"

namespace sluice {

struct Subscriber;

/// Which stream of the process: a place in one loop's table, and how often it was given away.
struct StreamNumber {
    std::uint32_t loop = 0;
    std::uint32_t place = 0;
    std::uint32_t generation = 0;
    bool operator==(const StreamNumber&) const = default;
};

/// Makes the texts by which a client names its stream: the number and a keyed hash of it
/// (HMAC-SHA-256, 128 bits), so that they cost a stream nothing and nobody guesses one. Good for
/// this process only. Immutable; any thread may call.
class StreamTokens final {
  public:
    static constexpr std::size_t kLength = 40;  // characters of base64url

    /// Takes the key from the kernel's random numbers. Throws std::runtime_error.
    StreamTokens();

    std::string tokenOf(StreamNumber number) const;
    /// Nothing where it is no token of this process.
    std::optional<StreamNumber> read(std::string_view token) const;

  private:
    std::array<unsigned char, 32> key_;
};

/// The open streams of one loop by number. Loop thread only; owns nothing.
class StreamNumbers final {
  public:
    explicit StreamNumbers(std::uint32_t loop) : loop_{loop} {}

    /// Gives the subscriber a number, which stays its own until `leave`. The time is of the loop.
    void enter(Subscriber& subscriber, const IpAddress& address, std::int64_t nowMs);
    void leave(const Subscriber& subscriber) noexcept;
    StreamNumber numberOf(const Subscriber& subscriber) const;
    /// Null where that stream has ended.
    Subscriber* find(StreamNumber number) const;

    /// Places are [0, places()); null where nobody has it now.
    std::uint32_t places() const { return static_cast<std::uint32_t>(places_.size()); }
    const Subscriber* at(std::uint32_t place) const {
        return place < places_.size() ? places_[place].subscriber : nullptr;
    }
    const IpAddress& addressOf(const Subscriber& subscriber) const;
    /// When it was opened, in seconds of the loop's clock.
    std::int64_t openedS(const Subscriber& subscriber) const;

  private:
    struct Place {
        Subscriber* subscriber = nullptr;
        std::uint32_t generation = 0;
        std::uint32_t openedS = 0;
        IpAddress address;  // all zero: not known
    };
    static_assert(sizeof(Place) <= 32);

    const std::uint32_t loop_;
    std::vector<Place> places_;
    std::vector<std::uint32_t> free_;
};

}  // namespace sluice
