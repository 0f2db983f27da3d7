#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "channel/EventFilter.h"
#include "expression/Expression.h"
#include "filter/FilterSubject.h"

namespace sluice {

/// What all filters did; any thread. The owner must outlive the filters.
struct FilterTally {
    std::atomic<std::uint64_t> live{0};         // filters that some stream has
    std::atomic<std::uint64_t> evaluations{0};  // once per event, filter and delivery loop
    std::atomic<std::uint64_t> failed{0};       // of these, without an answer: not taken
    std::atomic<std::uint64_t> overBound{0};    // of these, because of steps or memory
};

/// What one evaluation of a filter may take: a tenth of a millisecond, about.
inline constexpr std::size_t kFilterStepsMax = 10'000;
inline constexpr std::size_t kFilterArenaBytesMax = 4u << 20;

/// A filter written in the CEL subset of design.md section 7.
class CelFilter final : public EventFilter {
  public:
    /// Borrows the tally. REQUIRES: the expression was compiled in that scope.
    CelFilter(cel::Expression expression, const FilterScope& scope, FilterTally& tally);
    ~CelFilter() override;

    bool takes(const Subject& subject) const noexcept override;

  private:
    void noteFailure(const cel::Value& value) const;

    // constant after construction
    const cel::Expression expression_;
    const std::vector<FilterReference> references_;
    const PathTree tree_;
    FilterTally& tally_;

    mutable std::atomic<bool> hasFailed_{false};
};

}  // namespace sluice
