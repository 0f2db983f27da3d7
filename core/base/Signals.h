#pragma once

#include <chrono>
#include <csignal>
#include <initializer_list>

namespace sluice {

/// Signals that the program acts upon: blocked in all threads, taken by the one that waits. SIGPIPE
/// is ignored. Make it before any other thread; one per process.
class Signals {
  public:
    explicit Signals(std::initializer_list<int> numbers);

    /// The signal that came within so long, or 0.
    int wait(std::chrono::milliseconds atMost) const;

    /// From here on SIGINT ends the process at once, as the user's second Ctrl-C means.
    static void nextInterruptKills();

  private:
    sigset_t set_{};
};

}  // namespace sluice
