#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::bench {

// What one subscriber got of one channel, judged by the numbers that the source wrote into the
// payloads (0, 1, 2, ... per channel). It survives reconnects: a resumed stream goes on where the
// cut one ended. Fixed size, never allocates. One thread.
class SequenceAudit final {
  public:
    void see(std::uint64_t seq) noexcept;

    // What the source is known to have published while we were subscribed: numbers of
    // [first, last] that lie before our first or after our last one are added to missing().
    // Call once, at the end.
    void expect(std::uint64_t first, std::uint64_t last) noexcept;

    bool started() const { return received_ > 0; }
    std::uint64_t next() const { return next_; }  // one above the highest number seen
    std::uint64_t received() const { return received_; }
    std::uint64_t missing() const { return missing_; }  // skipped, and not seen later either
    std::uint64_t doubled() const { return doubled_; }
    std::uint64_t reordered() const { return reordered_; }  // seen after a higher number

  private:
    // The newest holes are remembered, to tell a late event from a doubled one; a late event whose
    // hole was forgotten counts as doubled (it is wrong either way).
    static constexpr std::size_t kHolesMax = 8;
    struct Hole {
        std::uint64_t from = 0, to = 0;  // [from, to)
    };

    bool fill(std::uint64_t seq) noexcept;
    void addHole(std::uint64_t from, std::uint64_t to) noexcept;

    std::uint64_t first_ = 0, next_ = 0;
    std::uint64_t received_ = 0, missing_ = 0, doubled_ = 0, reordered_ = 0;
    std::array<Hole, kHolesMax> holes_{};
    std::size_t nextHole_ = 0;
};

}  // namespace sluice::bench
