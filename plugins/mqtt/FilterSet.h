#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

namespace sluice::mqtt {

/// A topic filter (MQTT 5.0, section 4.7).
struct Filter {
    std::string text;
    /// Some topic is taken by another filter of the set too, so the broker may send copies.
    bool overlaps = false;
    bool operator==(const Filter&) const = default;
};

/// What to subscribe to for a list of patterns: each filter once, without those that another one
/// covers. Sorted. Immutable.
class FilterSet {
  public:
    FilterSet() = default;
    explicit FilterSet(std::span<const plugin::Pattern> patterns);

    const std::vector<Filter>& filters() const { return filters_; }
    bool hasOverlaps() const { return hasOverlaps_; }
    /// A pattern that cannot be a topic of MQTT, in words; empty: there is none.
    const std::string& problem() const { return problem_; }

    /// More filters with wildcards than this are not compared with each other: all may overlap.
    static constexpr std::size_t kComparedMax = 1'000;

  private:
    void markOverlaps(std::size_t wildcards);

    std::vector<Filter> filters_;
    bool hasOverlaps_ = false;
    std::string problem_;
};

/// Whether every topic that `narrow` takes is taken by `wide`.
bool covers(std::string_view wide, std::string_view narrow);
/// Whether some topic is taken by both.
bool overlap(std::string_view a, std::string_view b);
/// Whether `+` and `#` stand where they may.
bool isFilter(std::string_view text);

}  // namespace sluice::mqtt
