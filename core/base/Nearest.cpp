#include "base/Nearest.h"

#include <algorithm>
#include <vector>

namespace sluice {
namespace {

constexpr std::size_t kBytesMax = 255;

}  // namespace

/// Optimal string alignment, with three rows of the table.
std::size_t editDistance(std::string_view a, std::string_view b) {
    a = a.substr(0, kBytesMax);
    b = b.substr(0, kBytesMax);
    std::vector<std::size_t> beforeLast, last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], beforeLast[j - 2] + 1);
        }
        beforeLast = last;
        last = row;
    }
    return last[b.size()];
}

std::string_view nearest(std::string_view wrong, std::span<const std::string> names) {
    std::string_view best;
    std::size_t bestDistance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
    for (const std::string& name : names) {
        const std::size_t distance = editDistance(wrong, name);
        if (distance >= bestDistance || distance >= name.size()) continue;
        best = name;
        bestDistance = distance;
    }
    return best;
}

std::string didYouMean(std::string_view wrong, std::span<const std::string> names) {
    const std::string_view name = nearest(wrong, names);
    if (name.empty()) return {};
    std::string text{", did you mean '"};
    text += name;
    text += "'?";
    return text;
}

}  // namespace sluice
