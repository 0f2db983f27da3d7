#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sluice::zeromq {

/// Where a publisher writes the number of a message (option `sequence`).
struct SequenceRule {
    enum class Format : std::uint8_t { Decimal, U32le, U32be, U64le, U64be };
    std::size_t frame = 1;  // counted from 0
    Format format = Format::Decimal;
    bool perTopic = true;  // else one numbering for the whole input
};

/// The number in a frame; nothing if it holds none.
std::optional<std::uint64_t> readNumber(SequenceRule::Format format, std::string_view frame);

/// Watches the numbers of messages: each is the one before plus 1, in its topic or in all, and goes
/// on at 0 after the highest of its width. One thread.
class Sequence {
  public:
    struct Verdict {
        enum class Kind : std::uint8_t { InOrder, Lost, Anew };
        Kind kind = Kind::InOrder;
        std::uint64_t expected = 0, lost = 0;  // Lost: how many
    };

    explicit Sequence(const SequenceRule& rule) : rule_(rule) {}

    /// Anew: the numbers went back, so the publisher began again and what was lost is not known.
    Verdict note(std::string_view topic, std::uint64_t number);

    /// Topics that are remembered; beyond it the memory starts afresh.
    static constexpr std::size_t kTopicsMax = 100'000;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::uint64_t wrapped(std::uint64_t number) const;
    bool isAhead(std::uint64_t distance) const;

    const SequenceRule rule_;
    std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> next_;
};

}  // namespace sluice::zeromq
