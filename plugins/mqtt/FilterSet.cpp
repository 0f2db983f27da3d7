#include "FilterSet.h"

#include <algorithm>
#include <optional>
#include <set>

namespace sluice::mqtt {
namespace {

/// The levels of a filter, one after the other.
class Levels {
  public:
    explicit Levels(std::string_view text) : rest_(text) {}
    std::optional<std::string_view> next() {
        if (isDone_) return std::nullopt;
        const auto end = rest_.find('/');
        isDone_ = end == std::string_view::npos;
        const std::string_view level = rest_.substr(0, end);
        if (!isDone_) rest_.remove_prefix(end + 1);
        return level;
    }

  private:
    std::string_view rest_;
    bool isDone_ = false;
};

bool hasWildcard(std::string_view filter) {
    return filter.find_first_of("+#") != std::string_view::npos;
}

/// Wildcards at the begin leave out topics that begin with `$` (4.7.2).
bool isHidden(std::string_view filter, std::string_view other) {
    const bool beginsWild = !filter.empty() && (filter[0] == '+' || filter[0] == '#');
    return beginsWild && !other.empty() && other[0] == '$';
}

/// What a broker gives to one of several clients only (MQTT 5.0, section 4.8.2).
bool isShared(std::string_view filter) {
    return filter.starts_with("$share/");
}

}  // namespace

bool isFilter(std::string_view text) {
    if (text.empty() || text.size() > 65'535) return false;
    Levels levels(text);
    for (auto level = levels.next(); level; level = levels.next()) {
        if (*level == "#") return !levels.next().has_value();
        if (*level != "+" && hasWildcard(*level)) return false;
    }
    return true;
}

bool covers(std::string_view wide, std::string_view narrow) {
    if (isHidden(wide, narrow)) return false;
    Levels wideLevels(wide), narrowLevels(narrow);
    for (;;) {
        const auto w = wideLevels.next(), n = narrowLevels.next();
        if (w == "#") return true;  // also the level above it
        if (!w || !n) return !w && !n;
        if (*w == "+" ? *n == "#" : *w != *n) return false;
    }
}

bool overlap(std::string_view a, std::string_view b) {
    if (isHidden(a, b) || isHidden(b, a)) return false;
    Levels aLevels(a), bLevels(b);
    for (;;) {
        const auto x = aLevels.next(), y = bLevels.next();
        if (x == "#" || y == "#") return true;
        if (!x || !y) return !x && !y;
        if (*x != "+" && *y != "+" && *x != *y) return false;
    }
}

FilterSet::FilterSet(std::span<const plugin::Pattern> patterns) {
    std::set<std::string_view> texts;
    for (const plugin::Pattern& pattern : patterns) {
        const bool isSound =
            isFilter(pattern.filter) && (!pattern.isLiteral || !hasWildcard(pattern.literal));
        if (isShared(pattern.filter)) {
            if (problem_.empty())
                problem_ = std::string(pattern.text) +
                           " is a shared subscription: the broker would share out its messages "
                           "between Sluice and others; write the topic alone";
        } else if (isSound)
            texts.insert(pattern.filter);
        else if (problem_.empty())
            problem_ = std::string(pattern.text) +
                       " is no topic of MQTT; write {name} for one level, {rest**} for the rest";
    }
    std::vector<std::string_view> wide;
    for (const auto text : texts)
        if (hasWildcard(text)) wide.push_back(text);
    const bool compares = wide.size() <= kComparedMax;
    for (const auto text : texts) {
        const bool isCovered =
            compares && std::any_of(wide.begin(), wide.end(), [&](std::string_view other) {
                return other != text && covers(other, text);
            });
        if (!isCovered) filters_.push_back({std::string(text), !compares});
    }
    hasOverlaps_ = !compares;
    if (compares) markOverlaps(wide.size());
}

/// What is literal is covered or alone.
void FilterSet::markOverlaps(std::size_t wildcards) {
    std::vector<Filter*> wide;
    wide.reserve(wildcards);
    for (Filter& filter : filters_)
        if (hasWildcard(filter.text)) wide.push_back(&filter);
    for (std::size_t i = 0; i < wide.size(); ++i)
        for (std::size_t j = i + 1; j < wide.size(); ++j) {
            if (!overlap(wide[i]->text, wide[j]->text)) continue;
            wide[i]->overlaps = wide[j]->overlaps = hasOverlaps_ = true;
        }
}

}  // namespace sluice::mqtt
