#include "MemoryJournal.h"

namespace sluice::property {

bool MemoryJournal::keeps(std::string_view channel) const {
    for (std::size_t i = 0; i < kChannels; ++i)
        if ((keptChannels_ >> i & 1) != 0 && channel == channelName(i)) return true;
    return false;
}

bool MemoryJournal::keepsAll(const Pattern& channels) const {
    for (std::size_t i = 0; i < kChannels; ++i)
        if (channels.matches(channelName(i)) && !keeps(channelName(i))) return false;
    return true;
}

void MemoryJournal::restore(JournalReader& reader) {
    if (isFresh_) return;
    reader.memory(memory_);
    for (const KeptLog& log : logs_) {
        reader.log(log);
        for (const Event& event : events_[log.channel]) {
            const KeptEvent kept{event.record, event.bytes};
            reader.piece(event.base, {&kept, 1});
        }
    }
}

void MemoryJournal::event(const KeptEvent& event, Place,
                          std::span<const std::string_view> channels) noexcept {
    auto base = std::make_shared<BaseCut>(memory_.next);
    (*base)[kPlainLane] = {{event.record.seq, 0}, 0};
    (*base)[event.record.lane] = event.record.place();
    for (const std::string_view channel : channels)
        events_[std::string{channel}].push_back({event.record, std::string{event.bytes}, base});
}

void MemoryJournal::evicted(std::string_view channel, std::uint64_t upTo) noexcept {
    std::deque<Event>& events = events_[std::string{channel}];
    while (!events.empty() && events.front().record.seq <= upTo) events.pop_front();
}

void MemoryJournal::collected(std::string_view channel) noexcept {
    events_.erase(std::string{channel});
}

void MemoryJournal::everything(const HubMemory& memory, std::span<const KeptLog> logs) noexcept {
    isFresh_ = false;
    memory_ = memory;
    logs_.assign(logs.begin(), logs.end());
}

}  // namespace sluice::property
