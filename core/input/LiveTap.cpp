#include "input/LiveTap.h"

#include <algorithm>

namespace sluice {
namespace {

std::size_t bytesOf(const Message& message) {
    std::size_t bytes = message.topic.size();
    bytes += message.key.value_or("").size() + message.payload.value_or("").size();
    for (const Message::Header& header : message.headers)
        bytes += header.name.size() + header.value.value_or("").size();
    for (const Message::Variable& variable : message.variables)
        bytes += variable.name.size() + variable.value.size();
    return bytes;
}

}  // namespace

std::optional<LiveTap::Answer> LiveTap::take(const Look& look, std::uint64_t after,
                                             std::int64_t nowMs) {
    const std::lock_guard lock{mutex_};
    endIdle(nowMs);
    auto found = looks_.find(look);
    if (found == looks_.end()) {
        if (looks_.size() == kLooksMax) return std::nullopt;
        found = looks_.emplace(look, Seen{}).first;
        wanted_ = true;
    }
    Seen& seen = found->second;
    seen.askedMs = nowMs;
    Answer answer;
    answer.next = seen.last;
    // Who asks after what this look has not come to was looking before it ended.
    if (after > seen.last) after = 0;
    for (const Taken& taken : seen.messages)
        if (taken.number > after) answer.messages.push_back(taken);
    answer.passedOver = seen.last - after - answer.messages.size();
    return answer;
}

void LiveTap::see(std::string_view input, const Message& message, const EventBatch& batch,
                  std::size_t first, std::int64_t nowMs) {
    const std::lock_guard lock{mutex_};
    endIdle(nowMs);
    const bool isLarge = bytesOf(message) > kMessageBytesMax;
    for (auto& [look, seen] : looks_) {
        if (!wants(look, input, batch, first)) continue;
        ++seen.last;
        if (isLarge) continue;
        if (seen.messages.size() == kMessagesMax) seen.messages.pop_front();
        seen.messages.push_back({seen.last, written(input, message)});
    }
}

bool LiveTap::wants(const Look& look, std::string_view input, const EventBatch& batch,
                    std::size_t first) {
    if (!look.input.empty() && look.input != input) return false;
    if (look.channel.empty()) return true;
    for (const EventBatch::Message& message : batch.messages().subspan(first))
        for (const EventBatch::Event& event : batch.events(message))
            for (std::uint32_t i = event.channelsBegin; i < event.channelsEnd; ++i)
                if (batch.channel(i) == look.channel) return true;
    return false;
}

void LiveTap::endIdle(std::int64_t nowMs) {
    std::erase_if(looks_, [&](const auto& look) { return nowMs - look.second.askedMs > kIdleMs; });
    wanted_ = !looks_.empty();
}

}  // namespace sluice
