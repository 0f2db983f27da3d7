#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "delivery/Inbox.h"

namespace sluice {

/// How long a stream waits for what the sources say.
inline constexpr std::int64_t kAnswerTimeoutMs = 1'000;

/// Asks the sources for the ends of their lanes, one question of a loop at a time: streams that
/// come while one is under way share the next, so that ten thousand of them are two questions.
/// Loop thread only; answers come through the loop's inbox, or never.
class SourceQueries final {
  public:
    SourceQueries(Origins& origins, std::weak_ptr<Inbox> inbox)
        : origins_{origins}, inbox_{std::move(inbox)} {}

    /// Adds the families to the next question, which is asked after this call: its answer is
    /// younger than the call. The result names it.
    std::uint64_t ask(std::span<const std::uint32_t> familyHashes);
    /// Asks at once where families stood at a time. The result names the question; 0: too many are
    /// under way.
    std::uint64_t seek(const std::vector<std::uint32_t>& familyHashes, std::int64_t timeMs);
    /// Asks the next question, where there is one and none is under way.
    void flush(std::int64_t nowMs);
    /// Whether the answer is to a question under way, and not to one that was given up.
    bool accept(const SourceAnswer& answer);
    bool hasNext() const { return !next_.empty(); }

    /// Most questions about a time that are under way; each may be another one.
    static constexpr std::size_t kSeeksMax = 64;

  private:
    // Of questions about a time; all others are lower.
    static constexpr std::uint64_t kFirstSeek = std::uint64_t{1} << 63;

    Origins& origins_;
    const std::weak_ptr<Inbox> inbox_;
    std::vector<std::uint32_t> next_;  // families of the next question
    std::uint64_t nextQuery_ = 1;
    std::uint64_t underWay_ = 0;  // 0: none
    std::int64_t askedMs_ = 0;
    std::uint64_t nextSeek_ = kFirstSeek;
    std::size_t seeksUnderWay_ = 0;
};

}  // namespace sluice
