#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <regex.h>

#include <sluice/plugin.hpp>

namespace sluice::kafka {

/// Which topics are asked for: literal names, and patterns as POSIX extended regular expressions.
/// Immutable.
class TopicFilter {
  public:
    TopicFilter() = default;
    explicit TopicFilter(std::span<const plugin::Pattern> patterns);

    /// Patterns leave out Kafka's own topics, those that begin with two underscores.
    bool wants(const std::string& topic) const;
    /// Those that must be there for the input to be whole.
    const std::set<std::string>& literals() const { return literals_; }
    bool hasPatterns() const { return !expressions_.empty() || !prefixes_.empty(); }

  private:
    struct Free {
        void operator()(regex_t* expression) const {
            regfree(expression);
            delete expression;
        }
    };
    std::set<std::string> literals_;
    std::vector<std::shared_ptr<const regex_t>> expressions_;  // shared: copies of the filter
    std::vector<std::string> prefixes_;  // of patterns whose expression is none for POSIX
};

}  // namespace sluice::kafka
