#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "channel/Hub.h"
#include "channel/Resume.h"
#include "channel/Stream.h"
#include "channel/Turn.h"
#include "property/GapReader.h"
#include "property/IdReader.h"
#include "property/SseReader.h"
#include "support/ManualClock.h"

namespace sluice {

/// Sources that feed every channel unless told otherwise, and answer what the test sets.
class TestOrigins final : public Origins {
  public:
    std::uint64_t originsVersion = 1;
    std::map<std::string, std::string> feeds;  // family name -> pattern; absent: everything
    std::vector<std::string> plain;            // inputs without positions
    SourceEnds ends;

    std::uint64_t version() const noexcept override { return originsVersion; }
    bool mayFeed(const Family& family, const Pattern& channels) const override {
        const auto found = feeds.find(family.name);
        return found == feeds.end() ||
               Pattern::parse(found->second, '/', nullptr)->overlaps(channels);
    }
    std::vector<std::string> plainInputs(const Pattern&) const override { return plain; }
    void query(const std::vector<std::uint32_t>&, std::function<void(SourceEnds)> answer) override {
        answer(ends);
    }
};

/// A block as a client sees it.
struct Seen {
    std::string event, data, id;
    bool operator==(const Seen&) const = default;
};

/// Decodes what a stream wrote, chunks and all.
std::vector<Seen> read(std::string_view bytes);
/// The data of user events among the blocks.
std::vector<std::string> dataOf(const std::vector<Seen>& blocks);
/// The gaps that the blocks tell.
std::vector<property::ReadGap> gapsOf(const std::vector<Seen>& blocks);
/// The place of lane `index` of a family in a full id.
Place placeIn(const std::string& id, std::uint32_t hash, std::uint32_t index);
property::ReadId idOf(const std::string& text);

/// A hub with a clock of its own, and short ways to publish.
class HubTest : public testing::Test {
  protected:
    static constexpr std::uint32_t kOrders = 0x11111111, kStock = 0x22222222;

    Hub& hub() {
        if (!hub_) start("nodeaaaa");
        return *hub_;
    }
    /// Another node, or the same after a restart.
    void start(std::string_view epoch);
    /// A family of one-word lanes, each beginning at `start`.
    std::vector<LaneIndex> family(std::string_view name, std::uint32_t hash, std::uint32_t lanes,
                                  Position start = {}, Words words = Words::One);
    /// One message with one event for each given set of channels; the data is its position, and
    /// the ordinal behind a dot where there are several.
    PublishResult publish(LaneIndex lane, Position position,
                          const std::vector<std::vector<std::string_view>>& events,
                          std::string_view type = "");
    PublishResult publish(LaneIndex lane, std::uint64_t position, std::string_view channel) {
        return publish(lane, Position{position, 0}, {{channel}});
    }
    PublishResult publishPlain(std::string_view channel, std::string_view data);
    /// One event of this key; the data is KEY=POSITION, "delete" an event that deletes it.
    PublishResult publishKey(LaneIndex lane, std::uint64_t position,
                             const std::vector<std::string_view>& channels, std::string_view key,
                             std::string_view type = "");
    HubSnapshot snapshot() {
        HubSnapshot now;
        hub().snapshot(now);
        return now;
    }
    LogView view(std::string_view channel, std::uint64_t after = 0);
    /// Everything older than a channel's age leaves.
    void age(std::chrono::milliseconds by) {
        clock_.advance(by);
        hub().sweep();
    }

    HubOptions options_;
    ManualClock clock_;
    TestOrigins origins_;
    std::unique_ptr<Hub> hub_;
    std::vector<std::unique_ptr<Hub>> before_;  // streams of a test may outlive their node's part
};

/// One stream on a hub, taken turn by turn.
class TestStream {
  public:
    /// Who is woken; it outlives every hub, as loops do.
    struct Loop final : Hub::Wakeable {
        void wake() noexcept override {}
    };
    static inline Loop loop;

    TestStream(Hub& hub, Origins& origins, SubscriptionSpec spec);
    ~TestStream();

    TestStream& from(std::string id);
    TestStream& start(Start start);
    TestStream& limit(std::uint64_t events);
    /// What the source answers when it is asked before resume.
    TestStream& answer(const SourceEnds& ends);
    /// Where its sources say that they stood at the time it begins at.
    TestStream& answer(const SourcePlaces& places);
    /// Resumes, if it has not yet, and takes turns until nothing more comes; at most one ping.
    std::vector<Seen> read(bool ping = false);
    /// One turn.
    TurnOutput turn(std::size_t quantumBytes = 64u << 10, bool ping = false,
                    const SourceEnds* ends = nullptr);
    /// Takes the snapshot and the views that the next turn uses, before its time.
    void look(bool hasEnds = false);
    std::vector<std::uint32_t> familiesToAsk();
    /// All that is kept; the same, taken so many of each channel at a time.
    std::vector<Item> items();
    std::vector<Item> itemsInPieces(std::size_t atOnce);
    const Stream& stream();
    /// The last blocks of a drained stream.
    std::vector<Seen> farewell();
    void goOnFrom(const Stream& stream) { stream_ = stream; }
    const Feed& feed() const { return feed_; }
    /// Its reader takes less than comes: policies for slow readers act.
    bool isStraggler = false;
    /// It may have its sources read again; the test plays them.
    bool mayReplay = false;
    std::unique_ptr<ReplayReader> replay;
    /// What the last turn wanted to be read again.
    std::vector<ReplayLeg> wants;
    void refuse(LaneIndex lane, GapReason reason) { stream_->refuseReplay(lane, reason); }
    /// It did so a moment ago; and up to when slots of time have ended (Composer says so).
    bool isSampled = false;
    std::int64_t untilMs = INT64_MAX;
    /// Called between the snapshot of the hub and the views of the logs.
    std::function<void()> afterSnapshot;

  private:
    void resumeOnce();
    TurnContext context(std::size_t quantumBytes, bool ping, const SourceEnds* ends) const;

    Hub& hub_;
    Origins& origins_;
    const SubscriptionSpec spec_;
    LoopIndex index_;
    ResumeRequest request_;
    std::optional<SourceEnds> answer_;
    std::optional<SourcePlaces> places_;
    std::vector<ChannelLog*> logs_;
    std::vector<ChannelView> views_;
    HubSnapshot now_;
    Feed feed_;
    std::optional<Stream> stream_;
    std::optional<ReplayView> replayView_;
    bool looked_ = false;
    std::size_t quantum_ = 64u << 10;
};

inline SubscriptionSpec channels(std::vector<std::string> names) {
    SubscriptionSpec spec;
    spec.channels = std::move(names);
    return spec;
}

}  // namespace sluice
