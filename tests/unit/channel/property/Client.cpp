#include <algorithm>
#include <cstdio>

#include "World.h"

namespace sluice::property {

Client::Client(const Facts& facts, const SubscriptionSpec& spec, const Wish& wish, ReaderKind kind,
               LoopIndex loop, bool isQuiet, bool trace)
    : spec_{spec},
      loop_{loop},
      trace_{trace},
      facts_{facts},
      reader_{kind, spec.framing == Framing::Chunked},
      oracle_{facts, wish, kind, isQuiet} {}

void Client::connect(Node& node, const Start& start, std::optional<std::uint64_t> limit,
                     Random& random, Pace pace) {
    if (connection_) cut(0);
    if (lastEventId().empty()) oracle_.begin();
    Asking asking{spec_, std::nullopt, start, limit};
    if (!lastEventId().empty()) asking.id = lastEventId();
    if (trace_) {
        std::printf("  connects to node %u with %s\n", node.index(),
                    asking.id ? asking.id->c_str() : "no id");
    }
    connection_ = std::make_unique<Connection>(node, loop_, asking, random, pace);
    reader_.begin();
    oracle_.connect(node.incarnations(), asking.id.value_or(""));
    oracle_.excusePlain(connection_->earliestPlain);
}

void Client::feed(std::string_view bytes) {
    oracle_.noteIncarnations(connection_->node().incarnations());
    reader_.feed(bytes, *this);
}

void Client::flush() {
    const std::string bytes = std::exchange(connection_->wire, {});
    feed(bytes);
    if (connection_->hasEnded()) cut(0);
}

void Client::cut(std::size_t bytes) {
    feed(std::string_view{connection_->wire}.substr(0, bytes));
    reader_.end(*this);
    if (trace_) std::printf("  cut, last event id %s\n", lastEventId().c_str());
    connection_.reset();
}

void Client::receive(const ReadBlock& block) {
    if (trace_) {
        std::printf(
            "    <- %.*s | %.*s | %s%s\n", static_cast<int>(block.event.size()), block.event.data(),
            static_cast<int>(std::min<std::size_t>(block.data.size(), 300)), block.data.data(),
            block.hasId ? lastEventId().c_str() : "(no id)", block.atEnd ? " at the end" : "");
    }
    std::vector<std::uint32_t> incarnations;
    std::deque<std::vector<std::uint32_t>>& told = connection_->incarnationsTold;
    const bool isGap = block.event == "sluice.gap" || block.comment.starts_with("sluice.gap ");
    if (isGap && !told.empty()) {
        incarnations = std::move(told.front());
        told.pop_front();
    }
    oracle_.accept(block, lastEventId(), incarnations);
}

// What the client has must be all up to the node's cut, whatever class its ids are.
void Client::finish() {
    if (connection_) oracle_.finish(idOfAll());
}

ReadId Client::idOfAll() const {
    Node& node = connection_->node();
    HubSnapshot now;
    node.hub().snapshot(now);
    if (connection_->stream().cursor() != now.horizon) throw Violation{"not at the horizon"};
    ReadId id;
    id.epoch = facts_.runs[node.run()].epoch;
    id.seq = now.horizon;
    id.isFull = true;
    const Feed feed = makeFeed(spec_, now, node);
    for (const Feed::FamilyLanes& family : feed.families)
        for (std::uint32_t i = 0; i < family.lanes.size(); ++i)
            id.lanes.push_back({family.hash, i, now.next[family.lanes[i]]});
    return id;
}

void Client::patch(ChannelMask channels, Random& random) {
    // Who gets no id but with events does not learn the place from which the new channels count.
    if (!connection_ || spec_.control != Control::Events) return;
    connection_->turn(random, Pace::Calm, false);
    flush();
    if (!connection_ || !connection_->isAtRest() || connection_->hasEnded()) return;
    const ReadId before = idOfAll();
    spec_.channels.clear();
    for (std::size_t i = 0; i < kChannels; ++i)
        if (channels >> i & 1) spec_.channels.push_back(channelName(i));
    if (trace_) std::printf("  gets channels %x\n", channels);
    connection_->change(spec_);
    oracle_.change(before, channels, idOfAll());
    connection_->turn(random, Pace::Calm, true);
}

}  // namespace sluice::property
