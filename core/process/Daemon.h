#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// A process that goes on in the background, while the one that was started waits until it serves
/// and then ends: with status 0, or 1 and on stderr why it does not.
class Daemon final {
  public:
    /// Returns in the background only, in a session of its own and without a terminal as stdin.
    /// `hint`: where to look when it ended without a word. Throws std::system_error.
    /// REQUIRES: no other thread; nothing in the buffers of stdout.
    explicit Daemon(const std::string& hint);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// It serves: who waits may go.
    void started() noexcept { tell("."); }
    void failed(std::string_view why) noexcept { tell(why); }

  private:
    void tell(std::string_view text) noexcept;

    int waiting_ = -1;  // the end of a pipe that who waits reads
};

}  // namespace sluice
