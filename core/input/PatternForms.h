#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/Pattern.h"
#include "sluice/plugin.h"

namespace sluice {

/// A pattern in every form that a broker may want; each takes at least what the pattern matches.
/// Owns the texts that its C view shows.
class PatternForms {
  public:
    /// `needs`: what mappings look at, as SLUICE_NEEDS_...; by default everything.
    explicit PatternForms(const Pattern& pattern, std::uint32_t needs = ~0u);

    /// Lives as long as this object stays in its place.
    sluice_pattern view() const;

    const std::string& regex() const { return regex_; }
    const std::string& glob() const { return glob_; }
    const std::string& filter() const { return filter_; }

  private:
    bool isLiteral_;
    std::string text_, prefix_;
    std::string regex_;   // anchored; RE2, PCRE and librdkafka read it
    std::string glob_;    // Redis
    std::string filter_;  // MQTT 5.0, section 4.7
    std::uint32_t needs_;
};

}  // namespace sluice
