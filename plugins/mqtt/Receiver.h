#pragma once

#include <atomic>
#include <chrono>

#include <mqtt/message.h>

#include <sluice/plugin.hpp>

#include "Copies.h"
#include "Options.h"

namespace sluice::mqtt {

/// Pushes what the broker sends, each message alone and before the call returns: paho acknowledges
/// a message when its callback returns, so a batch could be acknowledged before it was pushed.
class Receiver {
  public:
    using Clock = std::chrono::steady_clock;

    Receiver(const plugin::Host& host, const Options& options)
        : host_(host), options_(options), isSubscribed_(host.continues()) {}

    // paho's receiving thread only
    /// The broker has taken us (again), before the first message of the connection. Reports a loss
    /// where messages may be gone that were sent while we were away.
    void connected(bool isSessionPresent);
    void receive(const ::mqtt::const_message_ptr& message);

    // any thread
    /// From now on messages are awaited.
    void subscribed() { isSubscribed_.store(true); }
    Copies& copies() { return copies_; }
    /// How long ago the broker was heard last: a message, or that it has taken us.
    Clock::duration quiet() const { return Clock::now() - heardAt_.load(); }

  private:
    // constant after construction
    const plugin::Host& host_;
    const Options& options_;

    Copies copies_;
    std::atomic<Clock::time_point> heardAt_{Clock::time_point{}};
    std::atomic<bool> isSubscribed_;  // by this instance or the one before it

    // receiving thread only
    bool sawUnkept_ = false;  // a message that a broker does not keep for those that are away
    plugin::Batch batch_;
};

}  // namespace sluice::mqtt
