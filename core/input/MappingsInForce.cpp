#include "input/MappingsInForce.h"

#include <algorithm>

namespace sluice {

MappingsInForce::MappingsInForce(std::shared_ptr<const MappingTable> table, Hub& hub) : hub_{hub} {
    enter(std::move(table));
}

MappingsInForce::Hold MappingsInForce::hold() const {
    std::shared_lock<std::shared_mutex> lock{mutex_, std::defer_lock};
    const std::lock_guard turn{turnstile_};
    lock.lock();
    return {std::move(lock), *this};
}

std::shared_ptr<const MappingTable> MappingsInForce::current() const {
    return hold().table();
}

void MappingsInForce::replace(std::shared_ptr<const MappingTable> table) {
    const std::lock_guard turn{turnstile_};
    const std::unique_lock lock{mutex_};
    enter(std::move(table));
}

void MappingsInForce::enter(std::shared_ptr<const MappingTable> table) {
    const bool isSame = table_ && table_->normalised() == table->normalised();
    const bool isNew = std::none_of(all_.begin(), all_.end(), [&](const auto& known) {
        return known->normalised() == table->normalised();
    });
    if (isNew) all_.push_back(table);
    if (!isSame) events_ = std::make_unique<std::atomic<std::uint64_t>[]>(table->rules().size());
    table_ = std::move(table);
    ++version_;
    if (!isSame) hub_.remapped(table_->generation());
}

bool MappingsInForce::mayFeed(std::string_view input, std::string_view topic,
                              const Pattern& channels) const {
    const std::shared_lock lock{mutex_};
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& table) { return table->mayFeed(input, topic, channels); });
}

bool MappingsInForce::mayFeed(std::string_view input, const Pattern& channels,
                              std::span<const Pattern> except) const {
    const std::shared_lock lock{mutex_};
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& table) { return table->mayFeed(input, channels, except); });
}

void MappingsInForce::Hold::count(const std::vector<std::uint64_t>& eventsByRule) {
    for (std::size_t i = 0; i < eventsByRule.size(); ++i)
        if (eventsByRule[i] > 0)
            mappings_.events_[i].fetch_add(eventsByRule[i], std::memory_order_relaxed);
}

std::vector<std::uint64_t> MappingsInForce::eventsByRule() const {
    const std::shared_lock lock{mutex_};
    std::vector<std::uint64_t> events(table_->rules().size());
    for (std::size_t i = 0; i < events.size(); ++i) events[i] = events_[i].load();
    return events;
}

}  // namespace sluice
