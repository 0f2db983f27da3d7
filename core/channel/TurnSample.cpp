#include <algorithm>

#include "channel/Turn.h"

/// Readers that get the last event of each slot of time: docs/readers.md. What is left out lies
/// behind the cursor once the event that stands for it was passed, so no id brings it again.
namespace sluice {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};

/// The event that stands for a slot of one channel, while the items are walked from the last on.
struct Kept {
    std::int64_t slot = -1;
    std::size_t item = kNone;
};

/// Whether another event of its channel and slot, which comes later, stands for it.
bool isLeftOut(const TurnContext& context, const std::vector<Item>& items, std::size_t index,
               Kept& kept) {
    const Item& item = items[index];
    const ChannelView& channel = context.channels[item.channel];
    const std::int64_t slot = slotOf(item.timeMs(), channel.view.policy.samplesPerSecond);
    if (!takes(context, item)) return false;
    if (kept.item != kNone && kept.slot == slot) return true;
    kept = {slot, index};
    return false;
}

}  // namespace

void sample(const TurnContext& context, std::vector<Item>& items) {
    if (std::none_of(context.channels.begin(), context.channels.end(),
                     [](const ChannelView& channel) { return channel.isSampled; }))
        return;
    std::vector<Kept> kept(context.channels.size());
    for (std::size_t i = items.size(); i-- > 0;) {
        Item& item = items[i];
        if (!item.isEvent() || !context.channels[item.channel].isSampled) continue;
        if (item.timeMs() > context.untilMs) continue;
        if (!isLeftOut(context, items, i, kept[item.channel])) continue;
        ++items[kept[item.channel].item].leftOut;
        item.record = nullptr;  // neither an event nor a gap record
    }
    std::erase_if(items, [](const Item& item) { return !item.record && !item.gap; });
}

}  // namespace sluice
