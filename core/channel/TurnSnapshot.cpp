#include <algorithm>

#include "base/JsonText.h"
#include "channel/Turn.h"

/// A snapshot and its end. Until `sluice.sync` no block has an id, so whoever is cut in it asks as
/// it asked first and gets a whole one. It is read turn by turn while events come: what is
/// superseded before it was written comes later, in its new place, and once the stream has reached
/// the horizon it has written the latest of every key as of then.
namespace sluice {

/// Leaves out what was lost before the snapshot began, and what lies behind the end of a view.
void Turn::boundItems() {
    const std::uint64_t beganAt = stream_.snapshot_->beganAt;
    for (const ChannelView& channel : context_.channels) {
        if (!channel.isLatest) continue;
        stream_.snapshot_->syncAt = 0;  // told by this view, at its end
        if (channel.view.cutAt != 0)
            cutAt_ = cutAt_ == 0 ? channel.view.cutAt : std::min(cutAt_, channel.view.cutAt);
    }
    std::erase_if(items_, [&](const Item& item) {
        return (cutAt_ != 0 && item.seq > cutAt_) || (!item.isEvent() && item.seq <= beganAt);
    });
}

void Turn::syncBefore(const Item& item) {
    if (stream_.snapshot_->syncAt != 0 && item.seq > stream_.snapshot_->syncAt) writeSync();
}

/// The views may be younger than the horizon: of a key that was superseded since they had nothing.
/// Its events come from the log next, and the snapshot is complete behind the last of them.
void Turn::endSnapshotTurn() {
    if (out_.more) return;
    if (cutAt_ != 0 && cutAt_ < context_.hub.horizon) {
        stream_.cursor_ = cutAt_;
        out_.more = true;
        return;
    }
    stream_.cursor_ = context_.hub.horizon;
    std::uint64_t& syncAt = stream_.snapshot_->syncAt;
    syncAt = std::max(syncAt, stream_.cursor_);
    for (const ChannelView& channel : context_.channels)
        if (channel.isLatest) syncAt = std::max(syncAt, channel.view.lastSeq);
    if (stream_.cursor_ >= syncAt) writeSync();
}

void Turn::writeSync() {
    const std::string json = syncJson();
    stream_.snapshot_.reset();
    writer_.sync(json, id(context_.hub.timeMs, true));
    wroteItem_ = true;
    out_.syncBlock = out_.blocks.size();
    endBlock();
}

std::string Turn::syncJson() const {
    bool isComplete = true, hasAny = false;
    std::string without;
    for (const ChannelView& channel : context_.channels) {
        hasAny = hasAny || channel.view.hasLatest;
        if (channel.view.hasLatest) {
            isComplete = isComplete && channel.view.isLatestComplete;
        } else if (std::binary_search(context_.spec.channels.begin(), context_.spec.channels.end(),
                                      channel.channel)) {
            without += without.empty() ? "" : ",";
            appendJsonString(without, channel.channel);
        }
    }
    std::string json = R"({"channels":[)";
    const char* comma = "";
    for (const std::string& channel : context_.spec.channels) {
        json += std::exchange(comma, ",");
        appendJsonString(json, channel);
    }
    json += R"(],"without":[)" + without;
    json += R"(],"count":)" + std::to_string(stream_.snapshot_->events);
    json += R"(,"complete":)";
    json += isComplete && hasAny ? "true}" : "false}";
    return json;
}

}  // namespace sluice
