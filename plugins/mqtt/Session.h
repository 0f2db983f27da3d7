#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <sluice/plugin.hpp>

#include "BackOff.h"
#include "ClientId.h"
#include "Fault.h"
#include "Link.h"
#include "Mailbox.h"
#include "Options.h"
#include "Receiver.h"
#include "Subscriptions.h"

namespace sluice::mqtt {

/// An input from start to stop: a thread that keeps the connection, subscribes and reports the
/// state. It alone opens, uses and closes the link. Called on the host's control thread.
class Session {
  public:
    /// Borrows host and options.
    Session(const plugin::Host& host, const Options& options, FilterSet filters);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void watch(FilterSet filters);
    /// Says goodbye to the broker where it listens, within the deadline; afterwards nothing is
    /// pushed.
    void stop(plugin::milliseconds deadline);

    static constexpr std::chrono::milliseconds kRetryFirst{250}, kRetryMax{30'000};
    /// Whom another client of the same id has thrown out waits so long: two of them must not throw
    /// each other out for ever.
    static constexpr std::chrono::milliseconds kTakenOverWait{60'000};
    /// A connection that was lost sooner was none: attempts go on slowing down.
    static constexpr std::chrono::seconds kSoon{10};
    /// So many of those in a row, without a word of the broker's, look like a taken-over session.
    static constexpr unsigned kSoonLostMax = 3;
    static constexpr std::chrono::milliseconds kRefusedFirst{5'000}, kRefusedMax{60'000};

  private:
    using Clock = Mailbox::Clock;

    void run();
    bool holdClientId();
    Fault attempt();
    std::optional<LinkEvent> awaitConnection();
    Fault faultOfConnecting(const LinkEvent& event);
    void tryOtherVersion();
    bool hasToPingMore(const LinkEvent& connected);
    Fault serve(const LinkEvent& connected);
    std::optional<Fault> handle(const LinkEvent& event);
    void takeFilters();
    void subscribe();
    Fault faultOfLoss();
    void retry(const Fault& fault);
    void leave();
    void sayOffline();

    void reportSubscriptions();
    void warnOfGranted();
    void report(sluice_state state, const std::string& code, const std::string& text,
                plugin::milliseconds retry = plugin::milliseconds{0});

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;

    Receiver receiver_;
    Mailbox mailbox_;
    plugin::milliseconds stopDeadline_{0};  // written before the mailbox is closed

    // session's thread only
    std::unique_ptr<const ClientId> clientId_;
    Link::Protocol protocol_;
    bool isVersionSettled_;
    std::chrono::seconds keepAlive_;  // ours, or a shorter one that the broker wants
    Subscriptions subscriptions_;
    std::string problem_;  // of the patterns
    bool isConnected_ = false, hasSubscribed_ = false;
    bool isSettled_ = false;  // all filters have been answered once in this connection
    bool takesIdentifiers_ = true;
    Clock::time_point connectedAt_{}, askRefusedAt_ = Clock::time_point::max();
    unsigned soonLost_ = 0;
    BackOff retries_{kRetryFirst, kRetryMax}, refusedRetries_{kRefusedFirst, kRefusedMax};
    std::string reported_;
    bool hasWarnedOfGranted_ = false;
    std::unique_ptr<Link> link_;

    std::thread thread_;
};

}  // namespace sluice::mqtt
