#include "Copies.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace sluice::mqtt {
namespace {

std::vector<std::uint32_t> subscriptionsOf(const ::mqtt::message& message) {
    std::vector<std::uint32_t> ids;
    const MQTTProperties& properties = message.get_properties().c_struct();
    for (int i = 0; i < properties.count; ++i)
        if (properties.array[i].identifier == MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER)
            ids.push_back(properties.array[i].value.integer4);
    return ids;
}

bool isSame(const ::mqtt::message& a, const ::mqtt::message& b) {
    return a.get_qos() == b.get_qos() && a.get_topic() == b.get_topic() &&
           a.get_payload_str() == b.get_payload_str();
}

}  // namespace

void Copies::beginRound() {
    const std::lock_guard lock(mutex_);
    retained_.clear();
}

bool Copies::isCopy(const ::mqtt::const_message_ptr& message) {
    if (!hasOverlaps_.load(std::memory_order_relaxed)) return false;
    return message->is_retained() ? isRetainedCopy(*message) : isLiveCopy(message);
}

/// The next equal message begins with a subscription that we have seen.
bool Copies::isLiveCopy(const ::mqtt::const_message_ptr& message) {
    std::vector<std::uint32_t> ids = subscriptionsOf(*message);
    const bool isCopy = !ids.empty() && previous_ && isSame(*previous_, *message) &&
                        std::find(subscriptions_.begin(), subscriptions_.end(), ids.front()) ==
                            subscriptions_.end();
    if (isCopy) {
        subscriptions_.insert(subscriptions_.end(), ids.begin(), ids.end());
    } else {
        previous_ = message;
        subscriptions_ = std::move(ids);
    }
    return isCopy;
}

bool Copies::isRetainedCopy(const ::mqtt::message& message) {
    constexpr std::size_t kFactor = 1099511628211ULL;
    const std::hash<std::string_view> hash;
    const std::uint64_t both =
        hash(message.get_topic()) * kFactor ^ hash(message.get_payload_str());
    const std::lock_guard lock(mutex_);
    if (retained_.size() >= kRememberedMax) return retained_.contains(both);
    return !retained_.insert(both).second;
}

}  // namespace sluice::mqtt
