#include "settings/Ranges.h"

#include <algorithm>
#include <span>
#include <vector>

#include "settings/Units.h"

namespace sluice {
namespace {

std::string joined(const std::vector<std::string>& choices) {
    std::string text;
    for (const std::string& choice : choices) text += (text.empty() ? "" : "|") + choice;
    return choices.size() == 1 ? text : "(?:" + text + ")";
}

std::string digits(char first, char last, std::size_t count) {
    if (count == 0) return "";
    const std::string one =
        first == last ? std::string(1, first) : std::string{'[', first, '-', last, ']'};
    return count == 1 ? one : one + "{" + std::to_string(count) + "}";
}

bool isAll(std::string_view text, char c) {
    return text.find_first_not_of(c) == std::string_view::npos;
}

/// Numbers of one length, which may begin with zeros.
std::string ofLength(std::string_view least, std::string_view most) {
    if (least == most) return std::string{least};
    const std::string_view lower = least.substr(1), upper = most.substr(1);
    char first = least.front(), last = most.front();
    if (first == last) return first + ofLength(lower, upper);
    std::vector<std::string> choices;
    if (!isAll(lower, '0'))
        choices.push_back(first++ + ofLength(lower, std::string(lower.size(), '9')));
    std::string end;
    if (!isAll(upper, '9')) end = last-- + ofLength(std::string(upper.size(), '0'), upper);
    if (first <= last) choices.push_back(digits(first, last, 1) + digits('0', '9', lower.size()));
    if (!end.empty()) choices.push_back(end);
    return joined(choices);
}

std::string unitPattern(std::uint64_t least, std::uint64_t most, std::span<const Unit> units) {
    std::vector<std::string> choices;
    if (least == 0) choices.emplace_back("0");
    for (const Unit& unit : units) {
        const std::uint64_t first = least / unit.factor + (least % unit.factor == 0 ? 0 : 1);
        const std::uint64_t last = most / unit.factor;
        if (first <= last) choices.push_back(integerPattern(first, last) + std::string{unit.name});
    }
    return joined(choices);
}

}  // namespace

std::string integerPattern(std::uint64_t least, std::uint64_t most) {
    const std::string first = std::to_string(least), last = std::to_string(most);
    std::vector<std::string> choices;
    std::size_t full = 0, fullSince = 0;  // the lengths of which every number is in
    const auto addFull = [&] {
        if (full == 0) return;
        const std::string longest = full == fullSince ? "" : "," + std::to_string(full - 1);
        choices.push_back("[1-9][0-9]{" + std::to_string(fullSince - 1) + longest + "}");
        full = 0;
    };
    if (least == 0) choices.emplace_back("0");
    for (std::size_t length = first.size(); length <= last.size() && most > 0; ++length) {
        const std::string lowest = "1" + std::string(length - 1, '0');
        const std::string highest(length, '9');
        const std::string lower = length == first.size() && least > 0 ? first : lowest;
        const std::string upper = length == last.size() ? last : highest;
        if (lower == lowest && upper == highest) {
            if (full == 0) fullSince = length;
            full = length;
            continue;
        }
        addFull();
        choices.push_back(ofLength(lower, upper));
    }
    addFull();
    return joined(choices);
}

std::string durationPattern(std::chrono::milliseconds least, std::chrono::milliseconds most) {
    return unitPattern(static_cast<std::uint64_t>(least.count()),
                       static_cast<std::uint64_t>(most.count()), durationUnits());
}

std::string sizePattern(std::uint64_t least, std::uint64_t most) {
    return unitPattern(least, most, sizeUnits());
}

}  // namespace sluice
