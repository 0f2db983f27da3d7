#include "TopicFilter.h"

#include <algorithm>

namespace sluice::kafka {

TopicFilter::TopicFilter(std::span<const plugin::Pattern> patterns) {
    for (const plugin::Pattern& pattern : patterns) {
        if (pattern.isLiteral) {
            literals_.emplace(pattern.literal);
            continue;
        }
        auto expression = std::make_unique<regex_t>();
        const int error =
            regcomp(expression.get(), std::string(pattern.regex).c_str(), REG_EXTENDED | REG_NOSUB);
        if (error == 0)
            expressions_.push_back({expression.release(), Free{}});
        else
            prefixes_.emplace_back(pattern.prefix);  // too much; the host matches exactly
    }
}

bool TopicFilter::wants(const std::string& topic) const {
    if (literals_.contains(topic)) return true;
    if (topic.starts_with("__")) return false;
    return std::ranges::any_of(expressions_,
                               [&](const auto& expression) {
                                   return regexec(expression.get(), topic.c_str(), 0, nullptr, 0) ==
                                          0;
                               }) ||
           std::ranges::any_of(prefixes_,
                               [&](const auto& prefix) { return topic.starts_with(prefix); });
}

}  // namespace sluice::kafka
