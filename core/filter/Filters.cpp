#include "filter/Filters.h"

#include <algorithm>
#include <optional>

#include "base/JsonText.h"
#include "expression/CodePoints.h"

namespace sluice {
namespace {

using Reason = FilterRefusal::Reason;

FilterRefusal notAllowed(const std::string& channel) {
    FilterRefusal refusal;
    refusal.reason = Reason::NotAllowed;
    refusal.message = "streams of " + channel + " may not bring a filter";
    refusal.hint = "whoever runs this node can allow it in the configuration: channels: { ";
    appendJsonString(refusal.hint, channel);
    refusal.hint += ": { filter: true } }";
    return refusal;
}

/// The text on one line, and below it carets under the characters of the problem.
std::string excerptOf(std::string_view text, const cel::Problem& problem) {
    std::string shown{text};
    for (char& c : shown)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    const std::size_t begin = std::min(problem.offset, text.size());
    const std::size_t before = cel::codePointCount(text.substr(0, begin));
    const std::size_t wide = cel::codePointCount(text.substr(begin, problem.length));
    return shown + "\n" + std::string(before, ' ') +
           std::string(std::max<std::size_t>(wide, 1), '^');
}

FilterRefusal badExpression(std::string_view text, const cel::Problem& problem) {
    FilterRefusal refusal;
    refusal.message = problem.message;
    refusal.hint = problem.hint;
    const std::size_t begin = std::min(problem.offset, text.size());
    refusal.column = cel::codePointCount(text.substr(0, begin)) + 1;
    refusal.excerpt = excerptOf(text, problem);
    return refusal;
}

FilterRefusal noTruth(std::string_view text, cel::Type type) {
    return badExpression(
        text,
        {0, text.size(), "type", "a filter must be true or false, and this is " + nameOf(type),
         "compare it with something, such as `... != 0` or `... != ''`", false});
}

FilterRefusal tooCostly(std::size_t cost, std::size_t costMax) {
    FilterRefusal refusal;
    refusal.reason = Reason::TooCostly;
    refusal.message = "this filter costs " + std::to_string(cost) + ", and a filter may cost " +
                      std::to_string(costMax);
    refusal.hint = "each operator costs 1, what exists, all, filter and map repeat counts " +
                   std::to_string(cel::kCostedItems) + " times, and each matches costs " +
                   std::to_string(cel::kCostOfMatch) + "; limits.filter_cost sets the bound";
    return refusal;
}

FilterRefusal tooMany(std::size_t filtersMax) {
    FilterRefusal refusal;
    refusal.reason = Reason::TooMany;
    refusal.message = "this node has no room for another filter: " + std::to_string(filtersMax) +
                      " distinct ones are in use";
    refusal.hint = "streams with equal filters share one; limits.filters sets the bound";
    return refusal;
}

}  // namespace

Filters::Filters(const FilterOptions& options, const HubOptions& channels) : options_{options} {
    setPolicies(channels);
}

void Filters::setPolicies(const HubOptions& channels) {
    Policies policies;
    for (const ChannelPolicy& policy : channels.policies)
        policies.emplace_back(policy.pattern, policy.filter);
    const std::lock_guard lock{mutex_};
    policies_ = std::move(policies);
    othersAllow_ = channels.filter;
}

std::variant<EventFilterPtr, FilterRefusal> Filters::obtain(
    std::string_view text, const std::vector<std::string>& channels) {
    auto made = make(text, channels);
    if (const auto* const refusal = std::get_if<FilterRefusal>(&made)) {
        const std::lock_guard lock{mutex_};
        ++(refusal->reason == Reason::NotAllowed      ? refused_.notAllowed
           : refusal->reason == Reason::BadExpression ? refused_.badExpression
           : refusal->reason == Reason::TooCostly     ? refused_.tooCostly
                                                      : refused_.tooMany);
    }
    return made;
}

std::variant<EventFilterPtr, FilterRefusal> Filters::make(
    std::string_view text, const std::vector<std::string>& channels) {
    {
        const std::lock_guard lock{mutex_};
        if (const std::string* const channel = refusing(channels)) return notAllowed(*channel);
        if (EventFilterPtr filter = known(text)) return filter;
    }
    // Not under the lock: compiling takes as long as the text wants. Two may do it at once, and
    // the second one to come back takes what the first one made.
    auto compiled = compile(text);
    const auto* const filter = std::get_if<EventFilterPtr>(&compiled);
    if (!filter) return compiled;
    const std::lock_guard lock{mutex_};
    if (EventFilterPtr first = known(text)) return first;
    if (byText_.size() >= options_.filtersMax) forgetUnused();
    if (byText_.size() >= options_.filtersMax) return tooMany(options_.filtersMax);
    byText_.insert_or_assign(std::string{text}, *filter);
    return compiled;
}

std::optional<FilterRefusal> Filters::refusal(const std::vector<std::string>& channels) {
    const std::lock_guard lock{mutex_};
    const std::string* const channel = refusing(channels);
    return channel ? std::optional{notAllowed(*channel)} : std::nullopt;
}

const std::string* Filters::refusing(const std::vector<std::string>& channels) const {
    for (const std::string& channel : channels) {
        const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
        if (!pattern || !allows(*pattern)) return &channel;
    }
    return nullptr;
}

/// Whether every channel that the pattern may take allows filters: the first policy that matches a
/// channel counts.
bool Filters::allows(const Pattern& channels) const {
    for (const auto& [pattern, isAllowed] : policies_) {
        if (!pattern.overlaps(channels)) continue;
        if (!isAllowed) return false;
        if (pattern.covers(channels)) return true;
    }
    return othersAllow_;
}

std::variant<EventFilterPtr, FilterRefusal> Filters::compile(std::string_view text) {
    const FilterScope scope;
    std::vector<cel::Problem> problems;
    std::optional<cel::Expression> expression = cel::Expression::compile(text, scope, problems);
    if (!expression) {
        const auto first = std::find_if(problems.begin(), problems.end(),
                                        [](const cel::Problem& one) { return !one.isWarning; });
        return badExpression(text, *first);
    }
    if (!expression->type().mayBe(cel::Kind::Bool)) return noTruth(text, expression->type());
    const std::size_t cost = expression->cost();
    if (cost > options_.costMax) return tooCostly(cost, options_.costMax);
    return std::make_shared<const CelFilter>(std::move(*expression), scope, tally_);
}

EventFilterPtr Filters::known(std::string_view text) const {
    const auto found = byText_.find(text);
    return found == byText_.end() ? nullptr : found->second.lock();
}

void Filters::forgetUnused() {
    std::erase_if(byText_, [](const auto& entry) { return entry.second.expired(); });
}

FilterCounts Filters::counts() const {
    const std::lock_guard lock{mutex_};
    FilterCounts counts = refused_;
    counts.live = tally_.live.load();
    counts.evaluations = tally_.evaluations.load();
    counts.failed = tally_.failed.load();
    counts.overBound = tally_.overBound.load();
    return counts;
}

}  // namespace sluice
