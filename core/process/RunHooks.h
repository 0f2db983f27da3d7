#pragma once

#include <string_view>

namespace sluice {

/// What a program does around the node that it runs. Called by the thread that runs it.
class RunHooks {
  public:
    virtual ~RunHooks() = default;
    /// Every address is listened on; nothing that came there was looked at.
    virtual void bound() {}
    /// It serves.
    virtual void started() {}
    /// It will not; for people. Comes once at most, in the place of `ended`.
    virtual void failed(std::string_view /*why*/) noexcept {}
    /// SIGUSR1 came: whoever moved the file of the log away wants a new one.
    virtual void reopenLog() noexcept {}
    /// It has done all that it had to; the process may end at once.
    virtual void ended() noexcept {}
};

}  // namespace sluice
