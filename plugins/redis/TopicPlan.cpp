#include "TopicPlan.h"

#include <algorithm>

namespace sluice::redis {

TopicPlan::TopicPlan(std::span<const plugin::Pattern> patterns, const StreamNames& streams)
    : streams_(streams) {
    for (const plugin::Pattern& pattern : patterns) {
        if (pattern.isLiteral) {
            (streams.takes(pattern.literal) ? keys_ : channels_).emplace(pattern.literal);
            continue;
        }
        const Expression expression{std::string(pattern.regex)};
        bool isAllStreams = false, isScanned = false;
        for (const StreamName& name : streams.all()) {
            isAllStreams = isAllStreams || name.takesAllOf(pattern);
            if (!name.mayMeet(pattern)) continue;
            if (!name.isLiteral())
                isScanned = true;
            else if (expression.matches(name.prefix()))
                keys_.insert(name.prefix());
        }
        if (isScanned) scans_.push_back({std::string(pattern.glob), expression});
        if (!isAllStreams && std::ranges::find(globs_, pattern.glob) == globs_.end())
            globs_.emplace_back(pattern.glob);
    }
}

bool TopicPlan::wantsStream(const std::string& key) const {
    if (keys_.contains(key)) return true;
    return streams_.takes(key) && std::ranges::any_of(scans_, [&](const Scan& scan) {
               return scan.expression.matches(key);
           });
}

}  // namespace sluice::redis
