#include "channel/ReplayLog.h"

#include <algorithm>
#include <utility>

#include "base/Assert.h"

namespace sluice {

bool ReplayView::covers(LaneIndex lane, Place place) const {
    return std::any_of(legs.begin(), legs.end(), [&](const Leg& leg) {
        return leg.lane == lane && leg.at <= place && place < leg.to;
    });
}

ReplayLog::ReplayLog(std::uint64_t group, std::vector<std::string> channels, const Bounds& bounds)
    : group_{group}, channels_{std::move(channels)}, bounds_{bounds} {
    for (const std::string& channel : channels_) {
        std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
        SLUICE_ASSERT(pattern);
        patterns_.push_back(std::move(*pattern));
    }
}

bool ReplayLog::isFor(std::string_view channel) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [channel](const Pattern& pattern) { return pattern.matches(channel); });
}

void ReplayLog::onOver(std::function<void()> callback) {
    {
        const std::lock_guard lock{mutex_};
        if (!isOver_) {
            onOver_.push_back(std::move(callback));
            return;
        }
    }
    callback();
}

bool ReplayLog::isOver() const {
    const std::lock_guard lock{mutex_};
    return isOver_;
}

std::size_t ReplayLog::legs() const {
    const std::lock_guard lock{mutex_};
    return legs_.size();
}

std::uint32_t ReplayLog::addLeg(const ReplayLeg& leg) {
    const std::lock_guard lock{mutex_};
    const auto number = static_cast<std::uint32_t>(legs_.size());
    const bool isEmpty = leg.to <= leg.from;
    legs_.push_back({leg, leg.from, isEmpty});
    for (Reader& reader : readers_) {
        reader.at.push_back(leg.from);
        reader.ended.push_back(isEmpty);
    }
    return number;
}

Place ReplayLog::position(std::uint32_t leg) const {
    const std::lock_guard lock{mutex_};
    return legs_[leg].at;
}

bool ReplayLog::hasEnded(std::uint32_t leg) const {
    const std::lock_guard lock{mutex_};
    return legs_[leg].hasEnded;
}

std::size_t ReplayLog::events() const {
    const std::lock_guard lock{mutex_};
    return events_;
}

std::size_t ReplayLog::bytes() const {
    const std::lock_guard lock{mutex_};
    return bytes_;
}

bool ReplayLog::isFull() const {
    const std::lock_guard lock{mutex_};
    return waiting_ > 0;
}

bool ReplayLog::isFullInLock() const {
    return events_ >= bounds_.eventsMax || bytes_ >= bounds_.bytesMax;
}

std::size_t ReplayLog::sizeOf(const ReplayItem& item) {
    std::size_t bytes = sizeof item + item.event.bytes.size();
    for (const std::string& channel : item.event.channels) bytes += sizeof channel + channel.size();
    return bytes;
}

/// False: it is not to be appended any more.
bool ReplayLog::waitForRoom(std::unique_lock<std::mutex>& lock, const Producer& producer) {
    while (isFullInLock() && !isOver_ && !producer.isStopped) {
        ++waiting_;
        const auto result = changed_.wait_for(lock, kHoldUpMax);
        --waiting_;
        if (result == std::cv_status::timeout) letGoOfWhoHoldsUp();
    }
    return !isOver_ && !producer.isStopped;
}

/// Those who have read everything would wait for those who have not for as long as these like.
void ReplayLog::letGoOfWhoHoldsUp() {
    const std::uint64_t end = firstIndex_ + items_.size();
    const bool hasHungry =
        std::any_of(readers_.begin(), readers_.end(),
                    [end](const Reader& reader) { return !reader.isBehind && reader.next == end; });
    if (!hasHungry) return;
    for (Reader& reader : readers_) {
        if (reader.next == end || reader.viewed > reader.next) continue;
        reader.isBehind = true;
        reader.wantsWake = false;
        if (reader.wake) reader.wake();
    }
    trim();
}

bool ReplayLog::append(std::uint32_t leg, Position next, std::vector<ReplayEvent> events,
                       const Producer& producer) {
    std::unique_lock lock{mutex_};
    if (!waitForRoom(lock, producer) || legs_[leg].hasEnded) return false;
    const Place end{next, 0};
    for (std::size_t i = 0; i < events.size(); ++i) {
        ReplayItem item;
        item.kind = ReplayItem::Kind::Event;
        item.leg = leg;
        item.lane = legs_[leg].wanted.lane;
        item.from = legs_[leg].at;
        // Behind the last one nothing of the message is left for these channels.
        const bool isLast = i + 1 == events.size();
        const Place place = events[i].place;
        item.to = isLast ? end : Place{place.position, place.ordinal + 1};
        item.event = std::move(events[i]);
        add(std::move(item));
    }
    addNothing(leg, end);
    wakeReaders(lock);
    return true;
}

bool ReplayLog::reached(std::uint32_t leg, Position position, const Producer& producer) {
    std::unique_lock lock{mutex_};
    if (!waitForRoom(lock, producer) || legs_[leg].hasEnded) return false;
    addNothing(leg, {position, 0});
    wakeReaders(lock);
    return true;
}

bool ReplayLog::expired(std::uint32_t leg, Position position, const Producer& producer) {
    std::unique_lock lock{mutex_};
    if (!waitForRoom(lock, producer) || legs_[leg].hasEnded) return false;
    const Place to = std::min(Place{position, 0}, legs_[leg].wanted.to);
    if (legs_[leg].at < to)
        add({ReplayItem::Kind::Expired, leg, legs_[leg].wanted.lane, legs_[leg].at, to, {}});
    wakeReaders(lock);
    return true;
}

void ReplayLog::end(std::uint32_t leg, ReplayItem::Kind why) {
    std::unique_lock lock{mutex_};
    Leg& ended = legs_[leg];
    if (ended.hasEnded) return;
    add({why, leg, ended.wanted.lane, ended.at, ended.wanted.to, {}});
    ended.hasEnded = true;
    wakeReaders(lock);
}

void ReplayLog::stop(Producer& producer) {
    const std::lock_guard lock{mutex_};
    producer.isStopped = true;
    changed_.notify_all();
}

void ReplayLog::add(ReplayItem item) {
    Leg& leg = legs_[item.leg];
    leg.at = item.to;
    leg.hasEnded = leg.wanted.to <= leg.at;
    if (item.kind == ReplayItem::Kind::Event || item.kind == ReplayItem::Kind::Expired) ++events_;
    bytes_ += sizeOf(item);
    items_.push_back(std::move(item));
}

/// Long stretches without an event are one item, unless somebody looks at it already.
void ReplayLog::addNothing(std::uint32_t number, Place to) {
    Leg& leg = legs_[number];
    to = std::min(to, leg.wanted.to);
    if (to <= leg.at) return;
    const std::uint64_t last = firstIndex_ + items_.size();
    const bool mayGrow = !items_.empty() && items_.back().leg == number &&
                         items_.back().kind == ReplayItem::Kind::Nothing &&
                         std::none_of(readers_.begin(), readers_.end(), [&](const Reader& reader) {
                             return std::max(reader.viewed, reader.next) >= last;
                         });
    if (!mayGrow) {
        add({ReplayItem::Kind::Nothing, number, leg.wanted.lane, leg.at, to, {}});
        return;
    }
    items_.back().to = leg.at = to;
    leg.hasEnded = leg.wanted.to <= leg.at;
}

void ReplayLog::trim() {
    std::uint64_t least = firstIndex_ + items_.size();
    for (const Reader& reader : readers_)
        if (!reader.isBehind) least = std::min(least, reader.next);
    while (firstIndex_ < least) {
        const ReplayItem& item = items_.front();
        const bool isBounded =
            item.kind == ReplayItem::Kind::Event || item.kind == ReplayItem::Kind::Expired;
        if (isBounded) --events_;
        bytes_ -= sizeOf(item);
        items_.pop_front();
        ++firstIndex_;
    }
    if (waiting_ > 0 && !isFullInLock()) changed_.notify_all();
}

/// Copies of the callbacks, so that they run outside the lock.
void ReplayLog::wakeReaders(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t end = firstIndex_ + items_.size();
    std::vector<std::function<void()>> wakes;
    for (Reader& reader : readers_) {
        if (!reader.wantsWake || reader.next == end || reader.isBehind) continue;
        reader.wantsWake = false;
        if (reader.wake) wakes.push_back(reader.wake);
    }
    lock.unlock();
    for (const auto& wake : wakes) wake();
}

// -- readers

std::unique_ptr<ReplayReader> ReplayReader::attach(std::shared_ptr<ReplayLog> log,
                                                   std::function<void()> wake) {
    const std::lock_guard lock{log->mutex_};
    if (log->isOver_) return nullptr;
    ReplayLog::Reader& reader = log->readers_.emplace_back();
    reader.next = reader.viewed = log->firstIndex_;
    reader.wake = std::move(wake);
    // Where a leg goes on for it: at its first item that is still there.
    for (const ReplayLog::Leg& leg : log->legs_) {
        reader.at.push_back(leg.at);
        reader.ended.push_back(leg.hasEnded);
    }
    for (auto item = log->items_.rbegin(); item != log->items_.rend(); ++item) {
        reader.at[item->leg] = item->from;
        reader.ended[item->leg] = false;
    }
    const auto place = std::prev(log->readers_.end());
    return std::unique_ptr<ReplayReader>{new ReplayReader{std::move(log), place}};
}

ReplayReader::~ReplayReader() {
    std::vector<std::function<void()>> over;
    {
        const std::lock_guard lock{log_->mutex_};
        log_->readers_.erase(reader_);
        log_->isOver_ = log_->readers_.empty();
        log_->trim();
        if (log_->isOver_) {
            over.swap(log_->onOver_);
            log_->changed_.notify_all();
        }
    }
    for (const auto& callback : over) callback();
}

const ReplayView& ReplayReader::view() {
    view_.items.clear();
    view_.legs.clear();
    const std::lock_guard lock{log_->mutex_};
    if (reader_->isBehind) return view_;
    const auto begin = static_cast<std::size_t>(reader_->next - log_->firstIndex_);
    const std::size_t end = std::min(log_->items_.size(), begin + kItemsAtOnce);
    for (std::size_t i = begin; i < end; ++i) view_.items.push_back(&log_->items_[i]);
    reader_->viewed = log_->firstIndex_ + end;
    reader_->wantsWake = end == log_->items_.size();
    for (std::size_t i = 0; i < log_->legs_.size(); ++i)
        if (!reader_->ended[i])
            view_.legs.push_back(
                {log_->legs_[i].wanted.lane, reader_->at[i], log_->legs_[i].wanted.to});
    return view_;
}

void ReplayReader::release(std::size_t count) {
    const std::lock_guard lock{log_->mutex_};
    if (reader_->isBehind) return;
    SLUICE_ASSERT(count <= view_.items.size());
    for (std::size_t i = 0; i < count; ++i) {
        const ReplayItem& item = *view_.items[i];
        reader_->at[item.leg] = item.to;
        const bool isEnd = item.kind == ReplayItem::Kind::Reset ||
                           item.kind == ReplayItem::Kind::Failed ||
                           log_->legs_[item.leg].wanted.to <= item.to;
        if (isEnd) reader_->ended[item.leg] = true;
    }
    reader_->next += count;
    reader_->viewed = reader_->next;
    log_->trim();
    view_.items.clear();
}

bool ReplayReader::hasNews() const {
    const std::lock_guard lock{log_->mutex_};
    return reader_->isBehind || reader_->next < log_->firstIndex_ + log_->items_.size();
}

bool ReplayReader::isBehind() const {
    const std::lock_guard lock{log_->mutex_};
    return reader_->isBehind;
}

}  // namespace sluice
