#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "event/Position.h"

namespace sluice {

/// A stretch of a lane that a stream wants its source to send again: [from, to).
struct ReplayLeg {
    LaneIndex lane = kPlainLane;
    Place from;
    Place to;  // W of the lane when it was asked for
    bool operator==(const ReplayLeg&) const = default;
};

/// One event as its source sent it again, encoded like those in a log.
struct ReplayEvent {
    std::vector<std::string> channels;  // those that the log is for; sorted, not empty
    std::string bytes;                  // key, `event:` line, `data:` lines
    std::uint32_t keyLength = 0;
    std::uint32_t eventLineLength = 0;
    std::int64_t timeMs = 0;  // the source's where it has one
    Place place;

    std::string_view key() const { return std::string_view{bytes}.substr(0, keyLength); }
    std::string_view eventLine() const {
        return std::string_view{bytes}.substr(keyLength, eventLineLength);
    }
    std::string_view dataLines() const {
        return std::string_view{bytes}.substr(keyLength + eventLineLength);
    }
    std::string_view lines() const { return std::string_view{bytes}.substr(keyLength); }
};

/// What became of [from, to) of a lane: nothing was skipped between one item of a leg and the next.
struct ReplayItem {
    enum class Kind : std::uint8_t {
        Event,    // it holds this event and no other of the log's channels
        Nothing,  // it holds none
        Expired,  // the source has it no more
        Reset,    // there never was such a thing at the source; ends the leg
        Failed    // it cannot be read; ends the leg
    };
    Kind kind = Kind::Nothing;
    std::uint32_t leg = 0;  // its number in the log
    LaneIndex lane = kPlainLane;
    Place from, to;
    ReplayEvent event;
};

/// What a turn reads of a ReplayLog. Borrowed from the reader until it is asked for the next one.
struct ReplayView {
    struct Leg {
        LaneIndex lane = kPlainLane;
        Place at, to;  // the reader goes on at `at`
    };
    std::vector<const ReplayItem*> items;  // the next ones, at most ReplayReader::kItemsAtOnce
    std::vector<Leg> legs;                 // that have not ended for the reader

    /// Whether something of the lane at `place` is still to come.
    bool covers(LaneIndex lane, Place place) const;
};

/// Events that sources send again for the streams of one channel set, bounded: whoever appends
/// waits while its readers have enough, which is the only back-pressure there is (resume.md
/// section 6). Items of a leg stand in their order; between legs the order is that of their coming.
///
/// Any thread may call; of one leg one thread at a time. It is over, for good, when its last reader
/// has gone.
class ReplayLog final {
  public:
    /// Whichever is reached first makes appending wait. One message more than that may be held.
    struct Bounds {
        std::size_t eventsMax = 10'000;
        std::size_t bytesMax = 4u << 20;
        bool operator==(const Bounds&) const = default;
    };
    /// Who appends, so that one who waits can be called back. Guarded by the log's mutex.
    struct Producer {
        bool isStopped = false;
    };

    /// `group` names it to its sources. `channels` are names or patterns.
    ReplayLog(std::uint64_t group, std::vector<std::string> channels, const Bounds& bounds);

    std::uint64_t group() const { return group_; }
    const std::vector<std::string>& channels() const { return channels_; }
    bool isFor(std::string_view channel) const;

    /// Called once, on any thread, when the last reader has gone: at once where that was before.
    void onOver(std::function<void()> callback);
    bool isOver() const;
    /// How many there were.
    std::size_t legs() const;
    /// Returns the number of the leg. It is over from the beginning where `leg` is empty.
    std::uint32_t addLeg(const ReplayLeg& leg);
    /// From where on a leg wants messages.
    Place position(std::uint32_t leg) const;
    bool hasEnded(std::uint32_t leg) const;

    /// Appends a message with its events, those of the log's channels, in order; `next` is the
    /// position behind it. Waits while the log is full. False, and nothing was appended: nobody
    /// wants it any more, the leg has ended or the producer was stopped. REQUIRES: the leg stands
    /// at or before the message.
    bool append(std::uint32_t leg, Position next, std::vector<ReplayEvent> events,
                const Producer& producer);
    /// Everything below the position was sent; at its end the leg has ended. Waits like `append`.
    bool reached(std::uint32_t leg, Position position, const Producer& producer);
    /// The source has nothing below the position any more.
    bool expired(std::uint32_t leg, Position position, const Producer& producer);
    /// Ends the leg: the source ends where it stands, or it cannot be read.
    void end(std::uint32_t leg, ReplayItem::Kind why);
    /// The producer, which may wait in `append`, comes back with false, now and ever after.
    void stop(Producer& producer);

    std::size_t events() const;
    std::size_t bytes() const;
    /// Whether an append waits now.
    bool isFull() const;

    /// One who holds up another reader for so long is let go.
    static constexpr std::chrono::milliseconds kHoldUpMax{1'000};

  private:
    friend class ReplayReader;
    struct Leg {
        ReplayLeg wanted;
        Place at;
        bool hasEnded = false;
    };
    struct Reader {
        std::uint64_t next = 0;    // index of its next item, counted from the log's first one
        std::uint64_t viewed = 0;  // items below were handed out
        bool isBehind = false;     // held up another one: the log goes on without it
        bool wantsWake = true;
        std::vector<Place> at;  // by leg: where it goes on
        std::vector<bool> ended;
        std::function<void()> wake;
    };

    bool isFullInLock() const;
    bool waitForRoom(std::unique_lock<std::mutex>& lock, const Producer& producer);
    void letGoOfWhoHoldsUp();
    void add(ReplayItem item);
    void addNothing(std::uint32_t leg, Place to);
    void trim();
    void wakeReaders(std::unique_lock<std::mutex>& lock);
    static std::size_t sizeOf(const ReplayItem& item);

    const std::uint64_t group_;
    const std::vector<std::string> channels_;
    std::vector<Pattern> patterns_;  // constant after construction
    const Bounds bounds_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    std::vector<Leg> legs_;
    std::deque<ReplayItem> items_;
    std::uint64_t firstIndex_ = 0;  // of items_.front()
    std::size_t events_ = 0, bytes_ = 0, waiting_ = 0;
    std::list<Reader> readers_;
    bool isOver_ = false;
    std::vector<std::function<void()>> onOver_;
};

/// One who reads a ReplayLog: a herd of streams. One thread at a time.
class ReplayReader final {
  public:
    /// Most items of one view.
    static constexpr std::size_t kItemsAtOnce = 1'024;

    /// A reader from the log's first kept item on; null where the log is over. `wake` is called on
    /// any thread, outside the lock, when there is something new for one who had read everything;
    /// it must not call the log.
    static std::unique_ptr<ReplayReader> attach(std::shared_ptr<ReplayLog> log,
                                                std::function<void()> wake);
    ~ReplayReader();
    ReplayReader(const ReplayReader&) = delete;
    ReplayReader& operator=(const ReplayReader&) = delete;

    const std::shared_ptr<ReplayLog>& log() const { return log_; }
    /// What is to be read now. It lives until `release`, or the next call.
    const ReplayView& view();
    /// The first `count` items of the view were read.
    void release(std::size_t count);
    /// Whether something came since the last view.
    bool hasNews() const;
    /// The log goes on without it: it gets nothing any more, and has to ask anew.
    bool isBehind() const;

  private:
    using Place_ = std::list<ReplayLog::Reader>::iterator;
    ReplayReader(std::shared_ptr<ReplayLog> log, Place_ reader)
        : log_{std::move(log)}, reader_{reader} {}

    const std::shared_ptr<ReplayLog> log_;  // shared with its sources
    const Place_ reader_;
    ReplayView view_;
};

}  // namespace sluice
