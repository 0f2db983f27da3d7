#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

#include "Entry.h"
#include "EntryPage.h"
#include "Judge.h"
#include "Look.h"
#include "Options.h"
#include "Reading.h"

namespace sluice::redis {

/// Where lanes begin.
struct StartPlan {
    std::map<std::string, StreamId, std::less<>> positions;  // of an earlier run, by key
    std::chrono::milliseconds rewind{0};
};

/// Reads streams with XREAD as lanes: a stream is a family of one lane, ids are its positions.
/// Nothing is pushed before it is proved that nothing was lost in front of it, or that was told: a
/// transaction gives entries together with what the server says of the stream.
class LaneReading final : public Reading {
  public:
    /// `asker`: another connection than the one that reads. Borrows all but the plan.
    LaneReading(const plugin::Host& host, const Options& options, Connection& asker,
                StartPlan plan);

    void connected() override {}
    bool see(const std::string& key, const StreamInfo& now, bool isBorn, Fault& problem) override;
    void lose(const std::string& key) override;
    void leave(const std::string& key) override { lanes_.erase(key); }
    void pause(const std::string& key) override;
    void answer(const std::string& key, const StreamInfo* now) override;
    bool put(Connection& connection, std::span<const std::string> missing,
             std::chrono::milliseconds block) override;
    std::optional<Fault> take(const Reply& reply, std::set<std::string>& toLook) override;
    void refused(const Fault&) override {}

    /// Of transactions in a row, while streams have more to give.
    static constexpr int kRoundsMax = 20;
    /// Streams of one transaction.
    static constexpr std::size_t kTogetherMax = 256;

  private:
    struct Lane {
        Progress progress;
        StreamId end;  // as the last look found it
        bool isPaused = false;
    };
    using Lanes = std::map<std::string, Lane, std::less<>>;
    /// What a read gave of a lane.
    struct Given {
        Lanes::iterator lane;
        EntryPage page;
    };

    void begin(const std::string& key, const StreamInfo& now, bool isBorn);
    StreamId startOf(const std::string& key, const StreamInfo& now, bool isBorn);
    StreamId atTime(const std::string& key, std::int64_t timeMs, const StreamInfo& now);
    bool settle(const std::string& key, Lane& lane, std::span<const StreamId> entries,
                const StreamInfo& now);
    void tellLost(const std::string& key, StreamId from, StreamId to, sluice_lost_reason reason);

    // LaneReads.cpp
    std::vector<Lanes::iterator> givenBy(const Reply& reply, std::set<std::string>& toLook);
    std::optional<Fault> readTogether(std::span<const Lanes::iterator> lanes,
                                      std::vector<Lanes::iterator>& more,
                                      std::set<std::string>& toLook);
    void putTransaction(std::span<const Lanes::iterator> lanes, std::size_t count);
    std::vector<Given> entriesOf(std::span<const Lanes::iterator> lanes, const Reply& reply);
    [[noreturn]] void failToUnderstand();
    bool deliver(const Given& given, const StreamInfo& now);
    void push(const std::string& key, const Given& given);
    void flush();

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    Connection& asker_;

    StartPlan plan_;
    plugin::StartRule rule_;
    std::optional<std::int64_t> sinceMs_;  // once the server's time is known
    Lanes lanes_;
    Connection* reader_ = nullptr;  // whose replies are being taken
    ReadSize size_;
    TooLongLog tooLong_;
    EntryWriter writer_;
    plugin::Batch batch_;
};

}  // namespace sluice::redis
