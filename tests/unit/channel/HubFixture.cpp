#include "HubFixture.h"

#include <algorithm>

#include "channel/ViewChoice.h"

namespace sluice {
namespace {

struct Collector final : property::SseReader::Receiver {
    std::vector<Seen> blocks;
    std::string lastId;
    const property::SseReader* reader = nullptr;
    void receive(const property::ReadBlock& block) override {
        blocks.push_back({std::string{block.event},
                          std::string{block.hasData ? block.data : block.comment},
                          block.hasId ? reader->lastEventId() : ""});
    }
};

bool isPattern(const std::string& channel) {
    return channel.find('{') != std::string::npos;
}

}  // namespace

std::vector<Seen> read(std::string_view bytes) {
    property::SseReader reader{property::ReaderKind::Standard, true};
    Collector collector;
    collector.reader = &reader;
    reader.begin();
    reader.feed(bytes, collector);
    return std::move(collector.blocks);
}

std::vector<std::string> dataOf(const std::vector<Seen>& blocks) {
    std::vector<std::string> data;
    for (const Seen& block : blocks)
        if (!block.event.starts_with("sluice.")) data.push_back(block.data);
    return data;
}

std::vector<property::ReadGap> gapsOf(const std::vector<Seen>& blocks) {
    std::vector<property::ReadGap> gaps;
    for (const Seen& block : blocks)
        if (block.event == "sluice.gap")
            for (property::ReadGap& gap : property::readGaps(block.data))
                gaps.push_back(std::move(gap));
    return gaps;
}

property::ReadId idOf(const std::string& text) {
    property::ReadId id;
    EXPECT_TRUE(property::readId(text, id)) << text;
    return id;
}

Place placeIn(const std::string& id, std::uint32_t hash, std::uint32_t index) {
    for (const property::ReadId::Lane& lane : idOf(id).lanes)
        if (lane.hash == hash && lane.index == index) return lane.place;
    ADD_FAILURE() << "the id does not name the lane: " << id;
    return {};
}

void HubTest::start(std::string_view epoch) {
    Epoch name;
    std::copy_n(epoch.begin(), name.size(), name.begin());
    if (hub_) before_.push_back(std::move(hub_));
    hub_ = std::make_unique<Hub>(options_, clock_, name);
}

std::vector<LaneIndex> HubTest::family(std::string_view name, std::uint32_t hash,
                                       std::uint32_t lanes, Position start, Words words) {
    const FamilyIndex index = hub().declareFamily("in", name, hash, words);
    std::vector<LaneIndex> all;
    for (std::uint32_t i = 0; i < lanes; ++i) all.push_back(hub().declareLane(index, i, start));
    return all;
}

PublishResult HubTest::publish(LaneIndex lane, Position position,
                               const std::vector<std::vector<std::string_view>>& events,
                               std::string_view type) {
    EventBatch batch;
    batch.beginMessage(lane, position);
    for (std::size_t i = 0; i < events.size(); ++i) {
        std::string data = std::to_string(position.first);
        if (events.size() > 1) data += "." + std::to_string(i);
        EXPECT_EQ(batch.addEvent(events[i], type, "", data), EncodeError::None);
    }
    return hub().publish(batch);
}

PublishResult HubTest::publishPlain(std::string_view channel, std::string_view data) {
    EventBatch batch;
    batch.beginMessage(kPlainLane, {});
    EXPECT_EQ(batch.addEvent({&channel, 1}, "", "", data), EncodeError::None);
    return hub().publish(batch);
}

PublishResult HubTest::publishKey(LaneIndex lane, std::uint64_t position,
                                  const std::vector<std::string_view>& channels,
                                  std::string_view key, std::string_view type) {
    EventBatch batch;
    batch.beginMessage(lane, {position, 0});
    const std::string data = std::string{key} + "=" + std::to_string(position);
    EXPECT_EQ(batch.addEvent(channels, type, key, data), EncodeError::None);
    return hub().publish(batch);
}

LogView HubTest::view(std::string_view channel, std::uint64_t after) {
    const LoopIndex index = hub().addLoop(TestStream::loop);
    ChannelLog* const log = hub().watch(index, channel);
    LogView view = log->view(after);
    hub().unwatch(index, *log);
    return view;
}

TestStream::TestStream(Hub& hub, Origins& origins, SubscriptionSpec spec)
    : hub_{hub}, origins_{origins}, spec_{std::move(spec)}, index_{hub.addLoop(loop)} {
    for (const std::string& channel : spec_.channels) {
        if (isPattern(channel)) {
            std::vector<ChannelLog*> matches;
            EXPECT_TRUE(hub_.watchPattern(index_, *Pattern::parse(channel, '/', nullptr), matches));
            logs_.insert(logs_.end(), matches.begin(), matches.end());
        } else {
            logs_.push_back(hub_.watch(index_, channel));
        }
    }
    for (const ChannelLog* const log : logs_) views_.push_back({log->name(), log, {}, false});
}

TestStream::~TestStream() {
    for (const std::string& channel : spec_.channels)
        if (isPattern(channel)) hub_.unwatchPattern(index_, *Pattern::parse(channel, '/', nullptr));
    for (ChannelLog* const log : logs_) hub_.unwatch(index_, *log);
}

TestStream& TestStream::from(std::string id) {
    request_.idText = std::move(id);
    return *this;
}

TestStream& TestStream::start(Start start) {
    request_.start = start;
    return *this;
}

TestStream& TestStream::limit(std::uint64_t events) {
    request_.limit = events;
    return *this;
}

TestStream& TestStream::answer(const SourceEnds& ends) {
    answer_ = ends;
    return *this;
}

TestStream& TestStream::answer(const SourcePlaces& places) {
    places_ = places;
    return *this;
}

void TestStream::look(bool hasEnds) {
    LoopWork work;
    hub_.collect(index_, work, now_);
    for (ChannelLog* const log : work.born) {
        logs_.push_back(log);
        views_.push_back({log->name(), log, {}, true});
    }
    Feed fresh = makeFeed(spec_, now_, origins_);
    if (stream_) stream_->refit(feed_, fresh, now_);
    feed_ = std::move(fresh);
    if (afterSnapshot) afterSnapshot();
    for (ChannelView& view : views_) {
        if (stream_)
            takeView(*view.log,
                     {*stream_, feed_, now_, stream_->neededFrom(feed_, now_, hasEnds), quantum_,
                      isStraggler, isSampled},
                     view);
        else
            view.log->view(0, view.view);
    }
    looked_ = true;
}

TurnContext TestStream::context(std::size_t quantumBytes, bool ping, const SourceEnds* ends) const {
    return {.spec = spec_,
            .feed = feed_,
            .hub = now_,
            .channels = views_,
            .epoch = hub_.epoch(),
            .ends = ends,
            .places = places_ ? &*places_ : nullptr,
            .mayReplay = mayReplay,
            .replay = replayView_ ? &*replayView_ : nullptr,
            .quantumBytes = quantumBytes,
            .untilMs = untilMs,
            .pingDue = ping};
}

void TestStream::resumeOnce() {
    if (stream_) return;
    if (!looked_) look();
    stream_ = resume(request_, context(64u << 10, false, answer_ ? &*answer_ : nullptr));
    const bool hasPolicy = std::any_of(views_.begin(), views_.end(), [](const ChannelView& view) {
        return view.view.policy.slow != Slow::Close;
    });
    if (stream_->snapshot() || hasPolicy) looked_ = false;  // it may read another view
}

const Stream& TestStream::stream() {
    resumeOnce();
    return *stream_;
}

std::vector<std::uint32_t> TestStream::familiesToAsk() {
    look();
    if (stream_) return stream_->familiesToAsk(feed_, now_);
    return sluice::familiesToAsk(request_, feed_, now_, hub_.epoch());
}

std::vector<Item> TestStream::items() {
    look();
    return itemsAfter(0, context(64u << 10, false, nullptr));
}

std::vector<Item> TestStream::itemsInPieces(std::size_t atOnce) {
    look();
    const TurnContext seen = context(64u << 10, false, nullptr);
    std::vector<Item> all, piece;
    for (bool isAll = false; !isAll;) {
        isAll = firstItemsAfter(all.empty() ? 0 : all.back().seq, seen, atOnce, piece);
        all.insert(all.end(), piece.begin(), piece.end());
    }
    return all;
}

TurnOutput TestStream::turn(std::size_t quantumBytes, bool ping, const SourceEnds* ends) {
    quantum_ = quantumBytes;
    resumeOnce();
    if (!looked_ || ends) look(ends != nullptr);
    looked_ = false;
    replayView_.reset();
    if (replay) replayView_ = replay->view();
    TurnOutput out;
    sluice::turn(*stream_, context(quantumBytes, ping, ends), out);
    if (replay) replay->release(out.replayed);
    if (out.dropsReplay) replay.reset();
    wants = out.wants;
    return out;
}

std::vector<Seen> TestStream::farewell() {
    look();
    TurnOutput out;
    stream_->farewell(context(64u << 10, false, nullptr), 2'000, out);
    return sluice::read(out.bytes);
}

std::vector<Seen> TestStream::read(bool ping) {
    std::string bytes;
    for (;;) {
        const TurnOutput out = turn(64u << 10, ping);
        bytes += out.bytes;
        if (!out.more || out.isBeyond || stream_->hasEnded()) return sluice::read(bytes);
    }
}

}  // namespace sluice
