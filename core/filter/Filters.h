#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "channel/EventFilter.h"
#include "channel/HubOptions.h"
#include "filter/CelFilter.h"

namespace sluice {

/// Bounds of subscribers' filters. Every one has a metric and a test that reaches it.
struct FilterOptions {
    std::size_t filtersMax = 1'000;  // distinct ones that streams have at a time
    std::size_t costMax = 1'000;     // of one, by cel::Expression::cost
    bool operator==(const FilterOptions&) const = default;
};

/// Totals since the start and states of now, for metrics.
struct FilterCounts {
    std::uint64_t live = 0, evaluations = 0, failed = 0, overBound = 0;
    std::uint64_t notAllowed = 0, badExpression = 0, tooCostly = 0, tooMany = 0;  // refused
};

/// The filters that subscribers brought, each parsed once per distinct text for as long as some
/// stream has it, and which channels allow any. Any thread may call. Must outlive its filters.
class Filters final : public EventFilters {
  public:
    Filters(const FilterOptions& options, const HubOptions& channels);

    /// Replaces which channels allow filters; streams that have one keep it.
    void setPolicies(const HubOptions& channels);

    std::variant<EventFilterPtr, FilterRefusal> obtain(
        std::string_view text, const std::vector<std::string>& channels) override;

    std::optional<FilterRefusal> refusal(const std::vector<std::string>& channels) override;

    FilterCounts counts() const;

  private:
    using Policies = std::vector<std::pair<Pattern, bool>>;

    std::variant<EventFilterPtr, FilterRefusal> make(std::string_view text,
                                                     const std::vector<std::string>& channels);
    /// The channel of the list that does not allow a filter; null: all do.
    const std::string* refusing(const std::vector<std::string>& channels) const;
    bool allows(const Pattern& channels) const;
    std::variant<EventFilterPtr, FilterRefusal> compile(std::string_view text);
    EventFilterPtr known(std::string_view text) const;
    void forgetUnused();

    // constant after construction
    const FilterOptions options_;

    FilterTally tally_;
    mutable std::mutex mutex_;
    // guarded by mutex_
    Policies policies_;
    bool othersAllow_ = false;
    std::map<std::string, std::weak_ptr<const EventFilter>, std::less<>> byText_;
    FilterCounts refused_;
};

}  // namespace sluice
