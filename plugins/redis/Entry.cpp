#include "Entry.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "EntryJson.h"

namespace sluice::redis {
std::optional<Entry> Entry::parse(const Reply& reply) {
    if (!reply.isArray(2)) return std::nullopt;
    const auto id = StreamId::parse(reply.items[0].text);
    if (!id) return std::nullopt;
    Entry entry;
    entry.id = *id;
    entry.idText = reply.items[0].text;
    if (reply.items[1].kind == Reply::Kind::Null) {
        entry.kind = Kind::Deleted;
        return entry;
    }
    if (reply.items[1].kind != Reply::Kind::Array) return std::nullopt;
    entry.fields = reply.items[1].items;
    for (const Reply& field : entry.fields) {
        if (field.kind == Reply::Kind::TooLong) entry.kind = Kind::TooLong;
        if (field.kind == Reply::Kind::Dropped && entry.kind == Kind::Whole)
            entry.kind = Kind::Dropped;
    }
    return entry;
}

void TooLongLog::note(const plugin::Host& host, const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    if (at_ && now - *at_ < kPause) return;
    at_ = now;
    host.log(SLUICE_LOG_WARNING,
             what + " is longer than message_bytes_max, left out and told as lost");
}

plugin::Batch::Message EntryWriter::add(plugin::Batch& batch, const std::string& key,
                                        const Entry& entry, Connection& memory) {
    auto message = batch.add(key);
    message.variable("id", entry.idText);
    constexpr std::uint64_t kTimeMostMs = std::numeric_limits<std::int64_t>::max();
    if (entry.id.ms >= kTimeLeastMs && entry.id.ms <= kTimeMostMs)
        message.timeMs(static_cast<std::int64_t>(entry.id.ms));
    if (!payloadField_.empty()) {
        addOneField(message, key, entry);
        return message;
    }
    json_.clear();
    appendJson(entry.fields, json_);
    message.payload(memory.keep(json_));
    return message;
}

void EntryWriter::addOneField(plugin::Batch::Message& message, const std::string& key,
                              const Entry& entry) {
    bool isThere = false;
    for (std::size_t i = 0; i + 1 < entry.fields.size(); i += 2) {
        if (entry.fields[i].text == payloadField_) {
            message.payload(entry.fields[i + 1].text);
            isThere = true;
        } else {
            message.header(entry.fields[i].text, entry.fields[i + 1].text);
        }
    }
    if (isThere || std::exchange(hasWarned_, true)) return;
    host_.log(SLUICE_LOG_WARNING, "entry " + std::string(entry.idText) + " of " + key +
                                      " has no field " + payloadField_ +
                                      " (payload_field): its payload is empty, as is that of "
                                      "every other such entry");
}

}  // namespace sluice::redis
