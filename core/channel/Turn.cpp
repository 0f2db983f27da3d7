#include "channel/Turn.h"

#include <algorithm>
#include <limits>

#include "base/Assert.h"
#include "base/JsonText.h"

namespace sluice {
namespace {

/// Room that a block takes besides its lines: an id at its longest and the fields' names.
constexpr std::size_t kBlockOverheadBytes = kEventIdMax + 64;

/// However many channels there are, so many items of each are looked at in one go.
constexpr std::size_t kItemsOfChannelMin = 16;

/// Channels that `sluice.open` names: of a pattern there may be many.
constexpr std::size_t kPoliciesNamedMax = 64;

/// What may be left out for a slow reader, by channel, where anything may.
void appendPolicies(std::string& json, const TurnContext& context) {
    std::size_t named = 0;
    for (const ChannelView& channel : context.channels) {
        const Slow slow = channel.view.policy.slow;
        if (slow == Slow::Close || named == kPoliciesNamedMax) continue;
        json += named++ == 0 ? R"(,"slow":{)" : ",";
        appendJsonString(json, channel.channel);
        json += ':';
        appendJsonString(json, nameOf(slow));
    }
    if (named > 0) json += '}';
}

/// Data of `sluice.open`: how often the stream shows life, which inputs cannot resume, and whether
/// a snapshot follows, so that a page that was cut in one forgets what it has of it.
std::string openJson(const TurnContext& context, bool isSnapshot) {
    std::string json = R"({"keepaliveMs":)" + std::to_string(context.keepaliveMs);
    json += R"(,"noResume":[)";
    const char* comma = "";
    for (const std::string& input : context.feed.plainInputs) {
        json += std::exchange(comma, ",");
        appendJsonString(json, input);
    }
    json += ']';
    if (!context.tokenPlace.empty())
        json.append(R"(,"stream":")").append(context.tokenPlace) += '"';
    appendPolicies(json, context);
    return json + (isSnapshot ? R"(,"snapshot":true})" : "}");
}

/// The first record of the part behind the cursor.
std::uint32_t firstAfter(std::uint64_t cursor, const LogView::Part& part) {
    std::uint32_t begin = part.begin, end = part.end;
    while (begin < end) {
        const std::uint32_t middle = begin + (end - begin) / 2;
        if (part.segment->record(middle).seq > cursor)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}

/// Adds at most countMax events of a channel; returns up to which seq these are all of it.
std::uint64_t addRecords(std::uint64_t cursor, const TurnContext& context, std::uint32_t channel,
                         std::size_t countMax, std::vector<Item>& items) {
    const std::uint64_t horizon = context.hub.horizon;
    std::size_t left = countMax;
    for (const LogView::Part& part : context.channels[channel].view.parts) {
        for (std::uint32_t i = firstAfter(cursor, part); i < part.end; ++i) {
            const Record& record = part.segment->record(i);
            if (record.seq > horizon) return horizon;
            if (left-- == 0) return items.back().seq;
            items.push_back({record.seq, part.segment.get(), &record, nullptr, channel});
        }
    }
    return horizon;
}

std::string_view typeOf(std::string_view eventLine) {
    constexpr std::string_view kField = "event: ";
    if (eventLine.size() <= kField.size()) return "message";
    return eventLine.substr(kField.size(), eventLine.size() - kField.size() - 1);
}

bool takesType(const SubscriptionSpec& spec, std::string_view type) {
    return spec.types.empty() ||
           std::binary_search(spec.types.begin(), spec.types.end(), type, std::less<>{});
}

bool filterTakes(const TurnContext& context, const Item& item, std::string_view type) {
    const EventFilter& filter = *context.spec.filter;
    const ChannelView& view = context.channels[item.channel];
    const auto ask = [&] {
        return filter.takes({view.channel, type, item.segment->key(*item.record),
                             item.segment->dataLines(*item.record)});
    };
    if (!context.filterMemo) return ask();
    return context.filterMemo->takes({filter.number(), item.seq, view.log}, ask);
}

/// An event on several channels of the set comes once: on the first of them, or the first on which
/// the filter takes it.
void oncePerEvent(std::vector<Item>& items, const TurnContext& context) {
    std::size_t kept = 0;
    for (const Item& item : items) {
        if (kept == 0 || items[kept - 1].seq != item.seq)
            items[kept++] = item;
        else {
            const std::uint32_t leftOut = items[kept - 1].leftOut + item.leftOut;
            if (context.spec.filter && !takes(context, items[kept - 1])) items[kept - 1] = item;
            items[kept - 1].leftOut = leftOut;
        }
    }
    items.resize(kept);
}

}  // namespace

std::vector<Item> itemsAfter(std::uint64_t cursor, const TurnContext& context) {
    std::vector<Item> items;
    firstItemsAfter(cursor, context, std::numeric_limits<std::size_t>::max(), items);
    return items;
}

bool firstItemsAfter(std::uint64_t cursor, const TurnContext& context, std::size_t countMax,
                     std::vector<Item>& items) {
    items.clear();
    std::uint64_t until = context.hub.horizon;
    std::size_t sources = 0;
    for (std::uint32_t c = 0; c < context.channels.size(); ++c) {
        const std::size_t before = items.size();
        until = std::min(until, addRecords(cursor, context, c, countMax, items));
        sources += items.size() > before ? 1 : 0;
    }
    const std::size_t events = items.size();
    for (const GapRecord& gap : *context.hub.gapRecords)
        if (gap.seq > cursor && gap.seq <= until && context.feed.concerns(gap.lane))
            items.push_back({gap.seq, nullptr, nullptr, &gap, 0});
    const bool isMerged = sources > 1 || items.size() > events;
    if (isMerged)
        std::stable_sort(items.begin(), items.end(),
                         [](const Item& a, const Item& b) { return a.seq < b.seq; });
    sample(context, items);
    if (isMerged) oncePerEvent(items, context);
    while (!items.empty() && items.back().seq > until) items.pop_back();
    return until == context.hub.horizon;
}

bool takes(const TurnContext& context, const Item& item) {
    if (!item.isEvent()) return false;
    const SubscriptionSpec& spec = context.spec;
    if (spec.types.empty() && !spec.filter) return true;
    const std::string_view type = typeOf(item.segment->eventLine(*item.record));
    return takesType(spec, type) && (!spec.filter || filterTakes(context, item, type));
}

const std::string* channelTaking(const TurnContext& context, const ReplayEvent& event) {
    const std::string_view type = typeOf(event.eventLine());
    if (!takesType(context.spec, type)) return nullptr;
    const EventFilter* const filter = context.spec.filter.get();
    const ChannelGuard* const guard = context.spec.guard.get();
    for (const std::string& channel : event.channels) {
        // A replay is shared by all who ask for the same patterns, whatever they may read of them.
        if (guard && !guard->allows(channel)) continue;
        if (!filter || filter->takes({channel, type, event.key(), event.dataLines()}))
            return &channel;
    }
    return nullptr;
}

Turn::Turn(Stream& stream, const TurnContext& context, TurnOutput& out)
    : stream_{stream},
      context_{context},
      out_{out},
      // Whoever makes one answer of the blocks frames it, too.
      writer_{out.bytes,
              context.spec.format == Format::Poll ? Framing::Close : context.spec.framing,
              context.spec.control} {}

void Turn::run() {
    startBytes_ = out_.bytes.size();
    out_.before = stream_;
    forgetJoined();
    tellResets();
    if (replays()) return replayTurn();
    takeItems();
    tellDroppedRecords();
    if (stream_.isLive()) {
        tellOverrun();
        tellSkipped();
        computeAhead();
    } else {
        tellLack();
        if (conflates_) computeAhead();
    }
    for (const ChannelView& channel : context_.channels) out_.conflated += channel.conflated;
    open();
    writeTold();
    if (conflates_) coverSuperseded();
    writeItems();
    finish();
}

void Turn::endBlock() {
    out_.blocks.push_back({out_.bytes.size(), stream_.cursor_,
                           static_cast<std::uint32_t>(out_.moves.size()), out_.events,
                           out_.sampled});
}

void Turn::open() {
    if (stream_.opened_) return;
    const std::string text = stream_.openId_ ? *stream_.openId_ : id(context_.hub.timeMs, true);
    writer_.open(context_.retryMs, openJson(context_, stream_.snapshot_.has_value()), text);
    if (!context_.tokenPlace.empty())
        out_.tokenAt = out_.bytes.find(context_.tokenPlace, startBytes_);
    stream_.opened_ = true;
    stream_.openId_.reset();
    endBlock();
    out_.openBlocks = out_.blocks.size();
}

void Turn::writeTold() {
    const bool any = !stream_.tell_.empty();
    if (any) {
        std::string json = stream_.tell_.size() > 1 ? "[" : "";
        const char* comma = "";
        for (const auto& [reason, gap] : stream_.tell_) {
            json += std::exchange(comma, ",");
            json += gap;
            ++out_.gaps[static_cast<std::size_t>(reason)];
        }
        if (stream_.tell_.size() > 1) json += ']';
        writer_.gap(json, id(context_.hub.timeMs, true));
        stream_.tell_.clear();
    }
    // From here on the stream can be put together again from what it was and what it passed.
    out_.told = stream_;
    if (any) endBlock();
}

std::size_t Turn::lastTaken() const {
    for (std::size_t i = items_.size(); i-- > 0;) {
        if (items_[i].timeMs() > context_.untilMs) continue;
        if (!items_[i].isEvent() || takes(context_, items_[i])) return i;
    }
    return items_.size();
}

bool Turn::fillsQuantum(std::size_t linesBytes) const {
    return out_.bytes.size() - startBytes_ + linesBytes + kBlockOverheadBytes >=
           context_.quantumBytes;
}

/// A live stream's ids need all that lies ahead. One that catches up has perhaps hundreds of turns
/// before it: it takes what this one may write.
void Turn::takeItems() {
    conflates_ = !stream_.isLive() &&
                 std::any_of(context_.channels.begin(), context_.channels.end(),
                             [](const ChannelView& channel) { return channel.isLatest; });
    if (stream_.isLive() || conflates_) {
        items_ = itemsAfter(stream_.cursor_, context_);
        if (stream_.snapshot_) boundItems();
        return;
    }
    const std::size_t atOnce = context_.itemsAtOnce;
    const std::size_t share = atOnce / std::max<std::size_t>(context_.channels.size(), 1);
    hasAllItems_ = firstItemsAfter(stream_.cursor_, context_,
                                   std::max(share, std::min(kItemsOfChannelMin, atOnce)), items_);
}

void Turn::writeItems() {
    while (writeTakenItems() && !hasAllItems_) takeItems();
}

/// Whether the write can go on.
bool Turn::writeTakenItems() {
    // Only such ids ask which event is the last one.
    const bool asksForLast = stream_.isLive() && context_.feed.idClass == IdClass::FullAtEnd;
    const std::size_t last = asksForLast ? lastTaken() : items_.size();
    for (std::size_t i = 0; i < items_.size() && !stream_.hasEnded(); ++i) {
        if (items_[i].timeMs() > context_.untilMs) {
            out_.more = out_.isBeyond = true;
            return false;
        }
        if (stream_.snapshot_) syncBefore(items_[i]);
        const bool isFull = writeItem(i, i == last);
        const bool isAtEnd = hasAllItems_ && i + 1 == items_.size();
        if (!isFull || isAtEnd || stream_.hasEnded()) continue;
        out_.more = true;
        return false;
    }
    return !stream_.hasEnded();
}

/// Whether the write is full then. Items that are not written never end a write, so that where a
/// write ends does not depend on what was passed over before.
bool Turn::writeItem(std::size_t index, bool isLast) {
    const Item& item = items_[index];
    stream_.cursor_ = item.seq;
    out_.sampled += item.leftOut;
    if (stream_.isLive() || conflates_) passAhead(index);
    if (!stream_.isLive()) {
        const Place end = item.isEvent() ? Place{} : item.gap->to;
        const Place at = cutAt(item.lane());
        const bool isCovered = item.isEvent() ? item.record->place() < at : end <= at;
        if (!isCovered) movePast(item);
        if (conflates_) coverSuperseded(item);
        if (isCovered) return false;
    }
    if (item.isEvent() && !takes(context_, item)) return false;
    const bool isFull = fillsQuantum(item.isEvent() ? item.segment->lines(*item.record).size() : 0);
    if (item.isEvent())
        writeEvent(item, isLast || isFull || stream_.remaining_ == 1);
    else
        writeGapRecord(item);
    return isFull;
}

void Turn::writeEvent(const Item& item, bool isLast) {
    const Record& record = *item.record;
    const Segment& segment = *item.segment;
    const std::string& text = id(record.appendMs, isLast);
    if (context_.spec.envelope) {
        writer_.event(envelope(context_.channels[item.channel].channel, segment.eventLine(record),
                               segment.key(record), record.appendMs, segment.dataLines(record)),
                      text);
    } else {
        writer_.event(segment.lines(record), text);
    }
    countEvent();
}

void Turn::countEvent() {
    ++out_.events;
    if (stream_.snapshot_) ++stream_.snapshot_->events;
    if (stream_.remaining_ != Stream::kUnlimited) --stream_.remaining_;
    wroteItem_ = true;
    endBlock();
}

void Turn::writeGapRecord(const Item& item) {
    Gap gap;
    gap.reason = GapReason::Lost;
    gap.lanes = {{item.gap->lane, item.gap->from, item.gap->to}};
    ++out_.gaps[static_cast<std::size_t>(GapReason::Lost)];
    writer_.gap(gapJson(gap, *context_.hub.lanes), id(item.gap->timeMs, true));
    wroteItem_ = true;
    endBlock();
}

void Turn::finish() {
    if (stream_.hasEnded()) return;
    if (stream_.snapshot_) endSnapshotTurn();
    if (!out_.more) {
        stream_.cursor_ = context_.hub.horizon;
        if (stream_.cut_) {
            bool reached = true;
            for (std::size_t f = 0; f < context_.feed.families.size(); ++f) {
                std::vector<Place>& places = stream_.cut_->families[f];
                const std::vector<LaneIndex>& lanes = context_.feed.families[f].lanes;
                for (std::size_t i = 0; i < lanes.size(); ++i) {
                    places[i] = std::max(places[i], context_.hub.next[lanes[i]]);
                    reached = reached && places[i] == context_.hub.next[lanes[i]];
                }
                reached = reached && places.size() == lanes.size();
            }
            stream_.cut_->plain = std::max(stream_.cut_->plain, context_.hub.next[kPlainLane]);
            if (reached) {
                stream_.cut_.reset();
                stream_.refused_.clear();
                stream_.idTimeMs_ = 0;
                items_.clear();
                computeAhead();
            }
        }
    }
    if (stream_.isLive())
        std::erase_if(stream_.told_,
                      [this](const auto& entry) { return entry.second <= stream_.cursor_; });
    if (stream_.recordsTold_ <= stream_.cursor_) stream_.recordsTold_ = 0;
    if (context_.pingDue || hasUnwrittenCut()) writePosition();
}

/// Whether a catching-up stream came further and wrote nothing that says so. Events below the cut
/// do not count: a stream that began behind them never saw them, and writes the same.
bool Turn::hasUnwrittenCut() const {
    if (wroteItem_ || out_.before->isLive()) return false;
    return stream_.isLive() || !out_.before->opened_ || !out_.moves.empty();
}

void Turn::writePosition() {
    writer_.position(id(context_.hub.timeMs, true));
    endBlock();
}

/// The id of a live stream covers what left its logs before it was sent, so that is told first, as
/// in any turn. In a snapshot there is no id, and a whole one comes again.
void Turn::farewell(std::uint32_t retryMs) {
    if (!stream_.opened_) return;
    if (!stream_.snapshot_) {
        forgetJoined();
        tellResets();
        if (stream_.isLive()) {
            items_ = itemsAfter(stream_.cursor_, context_);
            tellDroppedRecords();
            tellOverrun();
            computeAhead();
        }
        writeTold();
    }
    writer_.farewell(retryMs, id(context_.hub.timeMs, true));
}

void turn(Stream& stream, const TurnContext& context, TurnOutput& out) {
    Turn{stream, context, out}.run();
}

void Stream::farewell(const TurnContext& context, std::uint32_t retryMs, TurnOutput& out) const {
    Stream copy = *this;
    Turn{copy, context, out}.farewell(retryMs);
}

}  // namespace sluice
