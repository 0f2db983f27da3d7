#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "Options.h"

namespace sluice::mqtt {

/// The client id of an instance. A broker keeps one session per client id and dismisses the client
/// that had it before, so an id must be the same after a restart and never be shared.
///
/// Without the option `client_id` it is sluice-HOST-INPUT-HASH, with a hash of the machine's id and
/// the working directory; further instances of the same on one machine get -2, -3 and so on. While
/// it is held, no other instance on this machine (in this network namespace) can take it: the lock
/// is a name that the kernel forgets with the process. Instances on machines that look the same
/// cannot be told apart from here: the broker tells, as `taken-over`.
class ClientId {
  public:
    /// Nothing where `client_id` is set and held by another instance on this machine, or all of
    /// kSlots derived ones are. Throws std::runtime_error where there can be no lock.
    static std::unique_ptr<const ClientId> take(const Options& options, std::string_view input);

    ~ClientId();
    ClientId(const ClientId&) = delete;
    ClientId& operator=(const ClientId&) = delete;

    const std::string& text() const { return text_; }
    static constexpr int kSlots = 100;

  private:
    ClientId(std::string text, int lock) : text_(std::move(text)), lock_(lock) {}

    const std::string text_;
    const int lock_;  // a socket that is bound and nothing else
};

}  // namespace sluice::mqtt
