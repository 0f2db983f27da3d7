#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>

#include <sluice/plugin.hpp>

#include "BackOff.h"
#include "Connection.h"
#include "Entry.h"
#include "EntryPage.h"
#include "Judge.h"
#include "Options.h"
#include "Reading.h"
#include "ReplayGroups.h"

namespace sluice::redis {

/// Reads streams again for one group of replays, over a connection of its own: a page of each in
/// turn. A transaction gives a page together with what the server says of the stream, so that what
/// was trimmed, and a stream that is another one now, is told as by live reading. One thread.
class StreamReplays {
  public:
    /// Borrows all.
    StreamReplays(const plugin::Host& host, const Options& options, plugin::ReplayGroup& group);
    StreamReplays(const StreamReplays&) = delete;
    StreamReplays& operator=(const StreamReplays&) = delete;

    /// Reads until the group has ended. Throws Stopping when it is stopped.
    void run();

    /// So long the connection is kept for the next replay of the group.
    static constexpr std::chrono::milliseconds kLinger{1'000};

  private:
    using Clock = std::chrono::steady_clock;
    struct Lane {
        plugin::Replay replay;
        StreamId to;
        Progress progress;
        ReadSize size{};
        bool hasBegun = false;  // a page of it has come
    };
    using Lanes = std::list<Lane>;
    enum class Outcome { GoesOn, Ended };

    void takeNew();
    void readAll();
    Outcome readPage(Lane& lane);
    Outcome take(Lane& lane, const EntryPage& page, const StreamInfo& now, bool isLast);
    Outcome refused(Lane& lane, const std::string& error);
    bool send(Lane& lane, const EntryPage& page);
    bool push(const Lane& lane);
    void failedToRead(const Fault& fault);
    [[noreturn]] void failToUnderstand();

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    plugin::ReplayGroup& group_;

    Connection connection_;
    BackOff backOff_;
    Lanes lanes_;
    Clock::time_point readAt_ = Clock::now();  // the last page came, or the first was asked for
    TooLongLog tooLong_;
    EntryWriter writer_;
    plugin::Batch batch_;
};

}  // namespace sluice::redis
