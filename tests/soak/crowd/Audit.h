#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sluice::soak {

// What all readers of a run found. One thread.
struct Findings {
    std::uint64_t delivered = 0;
    std::uint64_t doubled = 0;
    std::uint64_t lost = 0;  // numbers that were skipped, told or not
    std::uint64_t untold =
        0;  // of these, those where no gap block came since the sequence's last event
    std::uint64_t gaps = 0;     // sluice.gap blocks
    std::uint64_t foreign = 0;  // events that are not ours, or not of a channel that was asked for
    std::uint64_t moves = 0;    // connections that ended, cut by us or not
    std::uint64_t refused = 0;  // connections that came to nothing
    std::string firstGap, firstFault, lastRefusal;

    bool clean() const { return doubled + lost + gaps + foreign == 0; }
};

// What one reader got, judged by the numbers in the payloads. It lives over reconnects. One thread.
class Audit final {
  public:
    // Sequence s comes on channel s % channels; mine[c] says whether the reader asked for channel
    // c.
    Audit(std::size_t sequences, std::vector<bool> mine);

    // An event of a user: its number must be its sequence's next. Faults go to findings, the first
    // one with `who`.
    void see(std::uint64_t sequence, std::uint64_t number, Findings& findings, std::size_t who);

    // A gap block came: what is missing next is told.
    void told() { ++told_; }

    // The reader begins anew: any number may be the next of each sequence.
    void forget();

    // Whether everything of `totals` (how many of each sequence were sent) has come. What is not
    // known after forget() is not waited for.
    bool hasAll(std::span<const std::uint64_t> totals) const;

    // At the end: counts what has not come.
    void finish(std::span<const std::uint64_t> totals, Findings& findings, std::size_t who) const;

  private:
    static constexpr std::uint64_t kAny = ~std::uint64_t{0};
    struct Sequence {
        std::uint64_t next = 0;
        std::uint64_t told = 0;  // told_ when its last event came
    };

    bool isMine(std::uint64_t sequence) const;
    void lose(std::uint64_t sequence, std::uint64_t to, Findings& findings, std::size_t who) const;

    const std::vector<bool> mine_;
    std::vector<Sequence> sequences_;
    std::uint64_t told_ = 0;
};

}  // namespace sluice::soak
