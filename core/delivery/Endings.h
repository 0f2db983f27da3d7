#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <set>
#include <utility>

#include "delivery/Admission.h"

namespace sluice {

struct Subscriber;

/// Which streams of one loop end by the clock, in the order of when something is to be done about
/// them, and who was dismissed lately. Loop thread only; owns nothing.
class Endings final {
  public:
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    /// Who was known before a dismissal may still be on his way into the loop.
    static constexpr std::int64_t kDismissalsKeptMs = 30'000;
    static constexpr std::size_t kDismissalsKeptMax = 10'000;

    /// The subscriber's admission is new, or another one.
    void enter(Subscriber& subscriber);
    void leave(Subscriber& subscriber) noexcept;
    /// When something is due, by the wall clock; kNever where nothing ever is.
    std::int64_t nextMs() const { return due_.empty() ? kNever : due_.begin()->first; }
    /// Takes the first that is due, for the caller to say when the next thing is: `again`. Null
    /// where none is.
    Subscriber* takeDue(std::int64_t nowMs);
    void again(Subscriber& subscriber, std::int64_t atMs);

    void dismiss(const Dismissal& dismissal);
    /// Whether somebody with this admission was dismissed since it was looked at.
    bool isDismissed(const Admission& admission, std::int64_t nowMs);

  private:
    std::set<std::pair<std::int64_t, Subscriber*>> due_;
    std::deque<Dismissal> dismissals_;
};

}  // namespace sluice
