#include "filter/CelFilter.h"

#include <exception>
#include <utility>

#include "base/Log.h"

namespace sluice {
namespace {

/// What evaluations of one thread use again and again.
struct Workshop {
    cel::Arena arena{kFilterArenaBytesMax};
    FilterSubject subject;
};

Workshop& workshop() {
    thread_local Workshop mine;
    return mine;
}

PathTree treeOf(const FilterScope& scope) {
    std::vector<SlotId> slots;
    for (SlotId slot = 0; slot < scope.paths().size(); ++slot) slots.push_back(slot);
    return PathTree{scope.paths(), slots};
}

std::string reasonOf(const cel::Value& value) {
    if (value.isError()) return std::string{value.asError().message};
    return "it gives " + std::string{cel::wordFor(value.kind())} + ", neither true nor false";
}

}  // namespace

CelFilter::CelFilter(cel::Expression expression, const FilterScope& scope, FilterTally& tally)
    : EventFilter{expression.text()},
      expression_{std::move(expression)},
      references_{scope.references()},
      tree_{treeOf(scope)},
      tally_{tally} {
    ++tally_.live;
}

CelFilter::~CelFilter() {
    --tally_.live;
}

bool CelFilter::takes(const Subject& subject) const noexcept {
    tally_.evaluations.fetch_add(1, std::memory_order_relaxed);
    try {
        Workshop& mine = workshop();
        mine.arena.reset();
        mine.subject.begin(subject, references_, tree_);
        const cel::Value value = expression_.evaluate(mine.subject, mine.arena, kFilterStepsMax);
        if (value.is(cel::Kind::Bool)) return value.asBool();
        noteFailure(value);
    } catch (const std::exception&) {
        // No memory for it.
        tally_.failed.fetch_add(1, std::memory_order_relaxed);
    }
    return false;
}

void CelFilter::noteFailure(const cel::Value& value) const {
    tally_.failed.fetch_add(1, std::memory_order_relaxed);
    const bool isLimit = value.isError() && value.failure() == cel::Failure::Limit;
    if (isLimit) tally_.overBound.fetch_add(1, std::memory_order_relaxed);
    if (hasFailed_.exchange(true)) return;
    // Clients choose how many filters there are: their first failures share a bounded log.
    log::limited(log::Level::Warning, "filter", "filter failed",
                 "a subscriber's filter gave no answer, so its streams did not get the event: " +
                     expression_.text() + ": " + reasonOf(value));
}

}  // namespace sluice
