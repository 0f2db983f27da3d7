#include "delivery/Composer.h"

#include <algorithm>

#include "base/Log.h"
#include "channel/ChannelLog.h"
#include "channel/ViewChoice.h"
#include "delivery/StreamNumbers.h"
#include "event/PollBody.h"

namespace sluice {
namespace {

/// Channels whose views keep their memory; a pattern may have looked at a thousand.
constexpr std::size_t kViewsKept = 64;

/// As long as a token, and nothing that an id or the name of an input may hold.
constexpr std::string_view kTokenPlace = "++++++++++++++++++++++++++++++++++++++++";
static_assert(kTokenPlace.size() == StreamTokens::kLength);

void warnOfShortIds(const std::string& channel) {
    log::limited(log::Level::Warning, "delivery", "short ids " + channel,
                 "streams of " + channel + " are fed by so many lanes that their ids do not fit " +
                     std::to_string(kEventIdMax) +
                     " characters: on another node, and after a restart, they resume "
                     "approximately; fewer channels on a stream would help");
}

}  // namespace

Composer::Composer(const DeliveryOptions& options, const Epoch& epoch, Origins& origins)
    : options_{options}, epoch_{epoch}, feeds_{origins} {}

void Composer::makeCurrent(SubscriptionState& subscription) {
    if (feeds_.isCurrent(subscription.feed, snapshot_)) return;
    const bool wasShort = subscription.feed && subscription.feed->idClass == IdClass::Short;
    subscription.feed = feeds_.make(subscription.spec, snapshot_);
    if (subscription.feed->idClass == IdClass::Short && !wasShort)
        warnOfShortIds(subscription.spec.channels.front());
}

void Composer::align(SubscriptionState& subscription, Course& course) {
    makeCurrent(subscription);
    if (course.feed == subscription.feed) return;
    course.stream.refit(*course.feed, *subscription.feed, snapshot_);
    course.feed = subscription.feed;
}

TurnContext Composer::look(SubscriptionState& subscription, const Course* course,
                           std::uint64_t afterSeq, const Wish& wish) {
    const Feed& feed = course ? *course->feed : *subscription.feed;
    const std::uint64_t beganAt = course ? course->beganAt : snapshot_.horizon;
    const std::vector<SubscriptionState::Channel>& channels = subscription.channels;
    if (views_.size() < channels.size()) views_.resize(channels.size());
    viewsUsed_ = channels.size();
    oldestMs_ = 0;
    std::uint32_t lagEventsMax = SubscriptionState::kNoLagMax;
    bool samples = false;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        ChannelView& seen = views_[i];
        seen.channel = channels[i].log->name();
        seen.log = channels[i].log;
        seen.joined = beganAt < channels[i].joinedAt;
        seen.isLatest = seen.isSampled = false;
        if (course)
            takeView(*channels[i].log,
                     {course->stream, feed, snapshot_, afterSeq, kTurnBytes, wish.isStraggler,
                      wish.isSampled},
                     seen);
        else
            channels[i].log->view(afterSeq, seen.view);
        if (seen.view.policy.slow != Slow::Close) [[unlikely]] {
            lagEventsMax = std::min(lagEventsMax, seen.view.policy.lagEventsMax);
            samples = samples || seen.view.policy.slow == Slow::Sample;
        }
        if (seen.view.parts.empty()) continue;
        const LogView::Part& first = seen.view.parts.front();
        const std::int64_t appendMs = first.segment->record(first.begin).appendMs;
        if (oldestMs_ == 0 || appendMs < oldestMs_) oldestMs_ = appendMs;
    }
    subscription.lagEventsMax = lagEventsMax;
    subscription.samples = samples;
    TurnContext context{.spec = subscription.spec,
                        .feed = feed,
                        .hub = snapshot_,
                        .channels = {views_.data(), viewsUsed_},
                        .epoch = epoch_};
    const bool saysRetry = subscription.spec.format != Format::FirstEvent;
    context.retryMs = saysRetry ? static_cast<std::uint32_t>(options_.retry.count()) : 0;
    context.keepaliveMs = static_cast<std::uint32_t>(options_.keepalive.count());
    context.quantumBytes = kTurnBytes;
    context.filterMemo = &filterMemo_;
    if (showsTokens_ && subscription.spec.format == Format::Stream)
        context.tokenPlace = kTokenPlace;
    holdRunningSlot(wish, context);
    return context;
}

/// One position counts for all channels of a stream, so all wait for the slot that runs longest.
void Composer::holdRunningSlot(const Wish& wish, TurnContext& context) {
    slotEndMs_ = 0;
    std::int64_t beginMs = snapshot_.timeMs + 1;
    for (const ChannelView& channel : context.channels) {
        if (!channel.isSampled) continue;
        const std::uint32_t rate = channel.view.policy.samplesPerSecond;
        const std::int64_t slot = slotOf(snapshot_.timeMs, rate);
        if (slotBeginMs(slot, rate) >= beginMs) continue;
        beginMs = slotBeginMs(slot, rate);
        slotEndMs_ = slotBeginMs(slot + 1, rate);
    }
    if (slotEndMs_ != 0) context.untilMs = std::max(beginMs, wish.slotsEndedMs) - 1;
}

void Composer::letGo() {
    if (views_.size() > kViewsKept) views_.resize(kViewsKept);
    for (std::size_t i = 0; i < std::min(viewsUsed_, views_.size()); ++i) {
        views_[i].view.parts.clear();
        views_[i].view.base.reset();
    }
    viewsUsed_ = 0;
}

std::vector<std::uint32_t> Composer::familiesToAsk(SubscriptionState& subscription,
                                                   const ResumeRequest& request) {
    if (!request.idText) return {};
    makeCurrent(subscription);
    return sluice::familiesToAsk(request, *subscription.feed, snapshot_, epoch_);
}

std::vector<std::uint32_t> Composer::familiesToAsk(SubscriptionState& subscription,
                                                   Course& course) {
    align(subscription, course);
    return course.stream.familiesToAsk(*course.feed, snapshot_);
}

std::vector<std::uint32_t> Composer::familiesToSeek(SubscriptionState& subscription,
                                                    const ResumeRequest& request) {
    if (!mayReplay_ || request.start.kind != Start::Kind::Since) return {};
    makeCurrent(subscription);
    return sluice::familiesToSeek(request, *subscription.feed);
}

Course Composer::begin(SubscriptionState& subscription, const ResumeRequest& request,
                       const SourceEnds* ends, const SourcePlaces* places) {
    makeCurrent(subscription);
    TurnContext context = look(subscription, nullptr, 0, {});
    context.ends = ends;
    context.places = places;
    Course course{resume(request, context), subscription.feed, snapshot_.horizon};
    letGo();
    return course;
}

void Composer::compose(SubscriptionState& subscription, Course& course, const Wish& wish,
                       TurnOutput& out) {
    align(subscription, course);
    const std::uint64_t afterSeq =
        course.stream.neededFrom(*course.feed, snapshot_, wish.ends != nullptr);
    TurnContext context = look(subscription, &course, afterSeq, wish);
    context.ends = wish.ends;
    context.pingDue = wish.pingDue;
    context.mayReplay = mayReplay_;
    context.replay = wish.replay;
    out.clear();
    turn(course.stream, context, out);
    letGo();
    if (subscription.spec.format == Format::Poll)
        makeAnswer(subscription.spec, course.stream, wish.pingDue, out);
    const bool isPingOnly = wish.pingDue && out.events == 0;
    if (subscription.spec.format == Format::FirstEvent && isPingOnly) course.stream.end();
    if (!course.stream.hasEnded() || out.blocks.empty()) return;
    BlockWriter{out.bytes, subscription.spec.framing, subscription.spec.control}.end();
    out.blocks.back().offset = out.bytes.size();
}

void Composer::makeAnswer(const SubscriptionSpec& spec, Stream& stream, bool isDue,
                          TurnOutput& out) {
    PollBody body;
    std::size_t begin = 0;
    for (const TurnOutput::BlockEnd& block : out.blocks) {
        body.add(std::string_view{out.bytes}.substr(begin, block.offset - begin));
        begin = block.offset;
    }
    out.bytes.clear();
    out.blocks.clear();
    out.moves.clear();
    out.openBlocks = 0;
    // Of what is sent again perhaps nothing is for it, but there is more.
    out.more = out.replayed > 0 && body.isEmpty() && !isDue;
    if (body.isEmpty() && !isDue) return;
    BlockWriter{out.bytes, spec.framing, spec.control}.piece(body.json());
    out.blocks.push_back({out.bytes.size(), stream.cursor(), 0, out.events});
    stream.end();
}

void Composer::farewell(SubscriptionState& subscription, Course& course, std::uint32_t retryMs,
                        TurnOutput& out) {
    if (subscription.spec.format == Format::Poll)
        return compose(subscription, course, {.pingDue = true}, out);
    out.clear();
    align(subscription, course);
    const std::uint64_t afterSeq = course.stream.neededFrom(*course.feed, snapshot_, false);
    const TurnContext context = look(subscription, &course, afterSeq, {});
    course.stream.farewell(context, retryMs, out);
    letGo();
    BlockWriter{out.bytes, subscription.spec.framing, subscription.spec.control}.end();
}

}  // namespace sluice
