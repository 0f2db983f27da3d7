#include "channel/HistoryPage.h"

#include <array>

#include "base/Assert.h"
#include "channel/Turn.h"

namespace sluice {
namespace {

SubscriptionSpec specOf(const HistoryRequest& request) {
    SubscriptionSpec spec;
    spec.channels = {request.channel};
    spec.envelope = true;
    spec.format = Format::Poll;
    return spec;
}

/// Whether something that is not kept may have belonged to the range: it was evicted, or came
/// before the node began. Without an id the first kept event says how far back history goes; with
/// one, a gap is told.
bool isStartGone(const HistoryRequest& request, const LogView& view, std::int64_t beganMs) {
    if (request.after || request.start.kind == Start::Kind::Last) return false;
    if (request.start.kind != Start::Kind::Since) return view.evictedSeq > 0;
    if (view.evictedMs < request.start.sinceMs && beganMs <= request.start.sinceMs) return false;
    if (view.parts.empty()) return true;
    const LogView::Part& first = view.parts.front();
    return first.segment->record(first.begin).appendMs >= request.start.sinceMs;
}

void readOut(const TurnOutput& out, HistoryPage& page) {
    std::size_t begin = 0;
    std::uint32_t events = 0;
    for (const TurnOutput::BlockEnd& block : out.blocks) {
        page.body.add(std::string_view{out.bytes}.substr(begin, block.offset - begin));
        if (block.events > events) page.lastSeq = block.cursor;
        begin = block.offset;
        events = block.events;
    }
}

}  // namespace

HistoryPage readHistory(const Hub& hub, const Origins& origins, const HistoryRequest& request) {
    const std::optional<Pattern> channel = Pattern::parse(request.channel, '/', nullptr);
    SLUICE_ASSERT(channel && channel->isLiteral());
    const std::string_view name = channel->literalPrefix();
    const SubscriptionSpec spec = specOf(request);
    HubSnapshot snapshot;
    hub.snapshot(snapshot);
    const Feed feed = makeFeed(spec, snapshot, origins);
    std::array<ChannelView, 1> views{ChannelView{name, nullptr, hub.view(name), false}};
    TurnContext context{
        .spec = spec, .feed = feed, .hub = snapshot, .channels = views, .epoch = hub.epoch()};
    context.quantumBytes = request.bytesMax;
    context.untilMs = request.untilMs;
    context.pingDue = true;  // an id also where nothing is taken

    HistoryPage page;
    page.isStartGone = isStartGone(request, views.front().view, snapshot.beganMs);
    Stream stream = resume({request.after, request.start, request.eventsMax}, context);
    TurnOutput out;
    turn(stream, context, out);
    readOut(out, page);
    page.isCut = stream.hasEnded() || (out.more && !out.isBeyond);
    // Ahead of this node there may be events that others have, and that belong to the range there.
    const bool isAhead = !stream.familiesToAsk(feed, snapshot).empty();
    page.isComplete = page.isCut || (snapshot.timeMs > request.untilMs && !isAhead);
    return page;
}

}  // namespace sluice
