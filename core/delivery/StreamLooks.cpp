#include "delivery/StreamLooks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "delivery/Newcomers.h"

namespace sluice {
namespace {

/// The heap's top is the one that is behind least.
bool isFurther(const StreamStatus& a, const StreamStatus& b) {
    return a.lag.value_or(StreamLag{}) > b.lag.value_or(StreamLag{});
}

/// Up to where a reader has taken a write of its herd.
std::uint64_t cursorIn(const Write& write, std::size_t taken) {
    const auto& blocks = write.out.blocks;
    const auto next = std::upper_bound(
        blocks.begin(), blocks.end(), taken,
        [](std::size_t bytes, const TurnOutput::BlockEnd& block) { return bytes < block.offset; });
    if (next != blocks.begin()) return std::prev(next)->cursor;
    return (write.out.before ? *write.out.before : write.after.stream).cursor();
}

std::uint64_t unsentBytesOf(const Pending& pending) {
    std::uint64_t bytes = pending.rest.size() - pending.taken;
    std::size_t taken = pending.writeTaken;
    for (const Write* write = pending.write.get(); write; write = write->next.get())
        bytes += write->out.bytes.size() - std::exchange(taken, 0);
    return bytes;
}

std::vector<std::string> firstOf(const std::vector<std::string>& texts) {
    const std::size_t shown = std::min(texts.size(), kStatusChannelsMax);
    return {texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(shown)};
}

}  // namespace

std::string_view nameOf(StreamState state) {
    static constexpr std::array<std::string_view, kStreamStates> kNames{"resolving", "catching_up",
                                                                        "live", "straggling"};
    return kNames[static_cast<std::size_t>(state)];
}

std::size_t StreamLooks::work(Slice& slice) {
    std::size_t answered = 0;
    while (!waiting_.empty() && !slice.isSpent()) {
        Waiting& waiting = waiting_.front();
        if (waiting.place == 0 && waiting.look.wish.after && !waiting.look.wish.isByLag)
            waiting.place = waiting.look.wish.after->place + 1;
        while (!isDone(waiting) && !slice.isSpent()) {
            const Subscriber* const subscriber = herds_.numbers().at(waiting.place++);
            if (subscriber) visit(waiting, *subscriber);
        }
        if (!isDone(waiting)) break;
        auto& streams = waiting.seen.streams;
        if (waiting.look.wish.isByLag) std::sort_heap(streams.begin(), streams.end(), isFurther);
        waiting.look.answer(std::move(waiting.seen));
        waiting_.pop_front();
        ++answered;
    }
    return answered;
}

bool StreamLooks::isDone(const Waiting& waiting) const {
    const bool isFull = waiting.seen.hasMore && !waiting.look.wish.isByLag;
    return isFull || waiting.place >= herds_.numbers().places();
}

void StreamLooks::visit(Waiting& waiting, const Subscriber& subscriber) {
    const StreamWish& wish = waiting.look.wish;
    StreamsSeen& seen = waiting.seen;
    if (wish.countsChannels) return countChannels(subscriber, seen);
    if (!isWanted(wish, subscriber)) return;
    if (!wish.isByLag && seen.streams.size() == wish.max) {
        seen.hasMore = true;
        return;
    }
    ++seen.matching;
    if (wish.isByLag)
        keepFurthest(wish, subscriber, seen);
    else
        seen.streams.push_back(statusOf(subscriber, lagOf(subscriber)));
}

void StreamLooks::countChannels(const Subscriber& subscriber, StreamsSeen& seen) {
    for (const std::string& channel : subscriber.subscription->spec.channels) {
        const auto found = seen.channels.find(channel);
        if (found != seen.channels.end())
            ++found->second;
        else if (seen.channels.size() < kChannelsCountedMax)
            seen.channels.emplace(channel, 1);
        else
            ++seen.notCounted;
    }
}

bool StreamLooks::isWanted(const StreamWish& wish, const Subscriber& subscriber) {
    const std::vector<std::string>& channels = subscriber.subscription->spec.channels;
    if (!wish.channel.empty() &&
        !std::binary_search(channels.begin(), channels.end(), wish.channel))
        return false;
    if (!wish.subject.empty() &&
        !(subscriber.admission && subscriber.admission->subject == wish.subject))
        return false;
    return !wish.state || stateOf(subscriber) == *wish.state;
}

void StreamLooks::keepFurthest(const StreamWish& wish, const Subscriber& subscriber,
                               StreamsSeen& seen) {
    auto& streams = seen.streams;
    const std::optional<StreamLag> lag = lagOf(subscriber);
    if (streams.size() == wish.max) {
        seen.hasMore = true;
        if (lag.value_or(StreamLag{}) <= streams.front().lag.value_or(StreamLag{})) return;
        std::pop_heap(streams.begin(), streams.end(), isFurther);
        streams.pop_back();
    }
    streams.push_back(statusOf(subscriber, lag));
    std::push_heap(streams.begin(), streams.end(), isFurther);
}

StreamStatus StreamLooks::statusOf(const Subscriber& subscriber,
                                   const std::optional<StreamLag>& lag) const {
    const SubscriptionSpec& spec = subscriber.subscription->spec;
    const StreamNumbers& numbers = herds_.numbers();
    StreamStatus status;
    status.number = numbers.numberOf(subscriber);
    const IpAddress& address = numbers.addressOf(subscriber);
    if (address != IpAddress{}) status.address = address.text();
    status.channels = firstOf(spec.channels);
    status.channelCount = spec.channels.size();
    status.types = firstOf(spec.types);
    if (spec.filter) status.filter = spec.filter->text();
    status.state = stateOf(subscriber);
    status.lag = lag;
    if (subscriber.pending) status.unsentBytes = unsentBytesOf(*subscriber.pending);
    status.ageMs =
        std::max<std::int64_t>(time_.ms() / 1'000 - numbers.openedS(subscriber), 0) * 1'000;
    status.silentMs = time_.ms() - subscriber.lastWriteMs;
    if (subscriber.admission) {
        status.subject = subscriber.admission->subject;
        status.endsMs = subscriber.admission->endsMs;
    }
    return status;
}

StreamState StreamLooks::stateOf(const Subscriber& subscriber) {
    const Pending* const pending = subscriber.pending.get();
    if (pending && pending->isStraggling()) return StreamState::Straggling;
    if (pending && pending->newcomers)
        return pending->newcomers->isResolving ? StreamState::Resolving : StreamState::CatchingUp;
    const bool isBehind = subscriber.herd && !subscriber.herd->countedLive;
    return isBehind ? StreamState::CatchingUp : StreamState::Live;
}

std::optional<StreamLag> StreamLooks::lagOf(const Subscriber& subscriber) {
    const SubscriptionState& subscription = *subscriber.subscription;
    if (const Herd* const herd = subscriber.herd) {
        if (subscriber.herdIndex < herd->unwritten && herd->oldestMs > 0)
            return StreamLag{1, std::max<std::int64_t>(time_.wallMs() - herd->oldestMs, 0), true};
        if (herd->course.stream.snapshot()) return std::nullopt;
        if (herd->rests() && !herd->waits && !herd->isQueued()) return StreamLag{};
        return lagBehind(subscription, herd->course.stream.cursor());
    }
    const Pending* const pending = subscriber.pending.get();
    if (!pending) return std::nullopt;
    if (pending->write)
        return lagBehind(subscription, cursorIn(*pending->write, pending->writeTaken));
    if (!pending->course || pending->course->stream.snapshot()) return std::nullopt;
    return lagBehind(subscription, pending->course->stream.cursor());
}

StreamLag StreamLooks::lagBehind(const SubscriptionState& subscription, std::uint64_t cursor) {
    StreamLag lag;
    std::int64_t oldestMs = 0;
    const std::size_t counted = std::min(subscription.channels.size(), kLogsCountedMax);
    lag.isAtLeast = counted < subscription.channels.size();
    for (std::size_t i = 0; i < counted; ++i) {
        const SubscriptionState::Channel& channel = subscription.channels[i];
        channel.log->view(std::max(cursor, channel.joinedAt), view_);
        for (const LogView::Part& part : view_.parts) lag.events += part.end - part.begin;
        lag.isAtLeast = lag.isAtLeast || view_.evictedSeq > cursor;
        if (view_.parts.empty()) continue;
        const LogView::Part& first = view_.parts.front();
        const std::int64_t ms = first.segment->record(first.begin).appendMs;
        oldestMs = oldestMs == 0 ? ms : std::min(oldestMs, ms);
    }
    view_ = LogView{};
    if (oldestMs != 0) lag.ms = std::max<std::int64_t>(time_.wallMs() - oldestMs, 0);
    if (lag.events == 0) lag.isAtLeast = false;
    return lag;
}

}  // namespace sluice
