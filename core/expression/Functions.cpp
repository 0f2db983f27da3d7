#include "expression/Functions.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sluice::cel {
namespace {

/// Sorted by name and style; the ways to call one function lie together, in the order written.
const Overloads& table() {
    static const Overloads overloads = [] {
        Overloads all;
        addConversions(all);
        addStringFunctions(all);
        addPatternFunctions(all);
        addTimeFunctions(all);
        std::stable_sort(all.begin(), all.end(), [](const Overload& a, const Overload& b) {
            return std::tie(a.name, a.isMember) < std::tie(b.name, b.isMember);
        });
        return all;
    }();
    return overloads;
}

}  // namespace

std::span<const Overload> overloadsOf(std::string_view name, bool isMember) {
    const auto isBefore = [](const Overload& overload, const auto& wanted) {
        return std::tie(overload.name, overload.isMember) < wanted;
    };
    const auto isAfter = [](const auto& wanted, const Overload& overload) {
        return wanted < std::tie(overload.name, overload.isMember);
    };
    const auto wanted = std::tie(name, isMember);
    const auto first = std::lower_bound(table().begin(), table().end(), wanted, isBefore);
    const auto last = std::upper_bound(first, table().end(), wanted, isAfter);
    return {first, last};
}

std::string signatureOf(const Overload& overload) {
    std::string text;
    std::size_t i = 0;
    if (overload.isMember) text += nameOf(overload.args[i++]) + '.';
    text += std::string{overload.name} + '(';
    for (const std::size_t first = i; i < overload.argCount; ++i)
        text += (i == first ? "" : ", ") + nameOf(overload.args[i]);
    return text + ')';
}

const std::vector<std::string>& functionNames() {
    static const std::vector<std::string> names = [] {
        std::set<std::string> all{"all", "default", "exists", "exists_one", "filter", "has", "map"};
        for (const Overload& overload : table()) all.emplace(overload.name);
        return std::vector<std::string>{all.begin(), all.end()};
    }();
    return names;
}

}  // namespace sluice::cel
