#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// Statistics as carbon's line receiver takes them: `PATH VALUE TIME`, a line each.
/// Format: https://graphite.readthedocs.io/en/latest/feeding-carbon.html#the-plaintext-protocol
/// One thread.
class CarbonLines {
  public:
    /// `timeS`: seconds since 1970, of all lines.
    explicit CarbonLines(std::int64_t timeS) : time_{std::to_string(timeS)} {}

    /// REQUIRES: a path of carbonPath or carbonWord, joined by dots. What is no number is left out.
    void add(std::string_view path, double value);
    const std::string& text() const { return text_; }

  private:
    const std::string time_;
    std::string text_;
};

/// A text as the path of a metric: `/` becomes a dot, and what Graphite takes for something else
/// (spaces, `*`, braces, empty levels) an underscore.
std::string carbonPath(std::string_view text);
/// The same as one level of a path: dots become underscores, too.
std::string carbonWord(std::string_view text);

}  // namespace sluice
