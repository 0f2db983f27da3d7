#include "GroupReading.h"

#include <algorithm>

#include "Look.h"

namespace sluice::redis {

GroupReading::GroupReading(const plugin::Host& host, const Options& options, Connection& asker,
                           PlainLane& plain)
    : host_(host),
      options_(options),
      group_(*options.group),
      asker_(asker),
      plain_(plain),
      writer_(host, options.payloadField) {}

/// What was read and not acknowledged over the old connection comes again.
void GroupReading::connected() {
    for (auto& [key, stream] : streams_) stream.pending = StreamId{};
}

bool GroupReading::see(const std::string& key, const StreamInfo& now, bool isBorn, Fault& problem) {
    Stream& stream = streams_[key];
    if (!stream.hasJoined && !join(key, stream, now, isBorn, problem)) return false;
    if (group_.claimIdle.count() > 0) claim(key, stream);
    return true;
}

/// Makes the group where it is not there yet.
bool GroupReading::join(const std::string& key, Stream& stream, const StreamInfo& now, bool isBorn,
                        Fault& problem) {
    const std::string start = startOf(stream, now, isBorn);
    const Reply& reply = asker_.ask({"XGROUP", "CREATE", key, group_.name, start});
    stream.hasJoined = reply.kind == Reply::Kind::Status || reply.text.starts_with("BUSYGROUP");
    if (!stream.hasJoined) {
        problem = describe(reply.text, options_);
        problem.text += ": group " + group_.name + " of " + key;
        if (isOfServer(problem)) asker_.fail(problem);
    }
    asker_.forget();
    return stream.hasJoined;
}

/// The id behind which a new group begins.
std::string GroupReading::startOf(const Stream& stream, const StreamInfo& now, bool isBorn) const {
    using enum plugin::StartRule::Kind;
    if (stream.last != StreamId{}) return stream.last.text();  // the group was destroyed
    if (isBorn || options_.start.kind == Earliest) return "0";
    if (options_.start.kind == Live) return now.last.text();
    const std::int64_t sinceMs = options_.start.isRelative
                                     ? serverTimeMs(asker_, options_) - options_.start.sinceMs
                                     : options_.start.sinceMs;
    if (sinceMs <= 0) return "0";
    return StreamId{static_cast<std::uint64_t>(sinceMs), 0}.before().text();
}

/// Takes over what consumers that do not come back have left unacknowledged.
void GroupReading::claim(const std::string& key, Stream& stream) {
    const std::string idleMs = std::to_string(group_.claimIdle.count());
    const std::string count = std::to_string(size_.of(1));
    do {
        const Reply& reply = asker_.ask({"XAUTOCLAIM", key, group_.name, group_.consumer, idleMs,
                                         stream.claimCursor, "COUNT", count});
        if (reply.kind == Reply::Kind::Error) {
            refused(describe(reply.text, options_));
            asker_.forget();
            return;
        }
        if (!reply.isArray(2)) break;
        stream.claimCursor = reply.items[0].text;
        // Those that are not in the stream any more; Redis has dropped them from the group.
        if (reply.isArray(3) && !reply.items[2].items.empty()) plain_.lost();
        takeEntries(key, stream, reply.items[1], asker_);
        asker_.forget();
    } while (stream.claimCursor != "0-0");
}

bool GroupReading::put(Connection& connection, std::span<const std::string>,
                       std::chrono::milliseconds block) {
    reader_ = &connection;
    std::vector<std::string_view> keys;
    std::string from = ">";
    for (const auto& [key, stream] : streams_) {
        if (!stream.hasJoined) continue;
        keys.emplace_back(key);
        if (!stream.pending) continue;
        keys.assign(1, key);  // one stream at a time
        from = stream.pending->text();
        break;
    }
    if (keys.empty()) return false;
    const std::string count = std::to_string(size_.of(keys.size()));
    const std::string blockMs = std::to_string(block.count());
    std::vector<std::string_view> words{"XREADGROUP",    "GROUP", group_.name,
                                        group_.consumer, "COUNT", count};
    if (block.count() > 0 && from == ">") words.insert(words.end(), {"BLOCK", blockMs});
    words.emplace_back("STREAMS");
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), keys.size(), from);
    connection.put(words);
    return true;
}

std::optional<Fault> GroupReading::take(const Reply& reply, std::set<std::string>& toLook) {
    for (const Reply& items : reply.items) {
        if (!items.isArray(2)) continue;
        const auto found = streams_.find(items.items[0].text);
        if (found == streams_.end()) continue;
        Stream& stream = found->second;
        if (stream.pending && items.items[1].items.empty())
            stream.pending.reset();
        else
            takeEntries(found->first, stream, items.items[1], *reader_);
        if (!stream.hasJoined) toLook.insert(found->first);
    }
    return std::nullopt;
}

void GroupReading::takeEntries(const std::string& key, Stream& stream, const Reply& items,
                               Connection& memory) {
    bool isWhole = true;
    for (const Reply& item : items.items) {
        auto entry = Entry::parse(item);
        if (!entry)
            memory.fail({Fault::Weight::Definite, "protocol",
                         options_.shown + " answered with something that is no entry"});
        if (entry->kind == Entry::Kind::Dropped) {
            // With nothing but itself in the reply, it is too long by itself.
            if (!size_.isLeast() || items.items.size() > 1) {
                isWhole = false;
                continue;
            }
            entry->kind = Entry::Kind::TooLong;
        }
        if (entry->kind == Entry::Kind::Whole)
            writer_.add(batch_, key, *entry, memory);
        else
            plain_.lost();
        if (entry->kind == Entry::Kind::TooLong)
            tooLong_.note(host_, "entry " + std::string(entry->idText) + " of " + key);
        toAcknowledge_.push_back(entry->idText);
        stream.last = std::max(stream.last, entry->id);
        if (stream.pending) stream.pending = entry->id;
    }
    if (isWhole) {
        size_.enough();
    } else {
        // They are ours, and read again with all that is not acknowledged.
        size_.tooMuch();
        stream.pending = StreamId{};
    }
    acknowledge(key, stream);
}

/// The push has returned: the events are in their logs.
void GroupReading::acknowledge(const std::string& key, Stream& stream) {
    if (!batch_.empty()) plain_.push(batch_);
    if (toAcknowledge_.empty()) return;
    std::vector<std::string_view> words{"XACK", key, group_.name};
    words.insert(words.end(), toAcknowledge_.begin(), toAcknowledge_.end());
    const Reply& reply = asker_.ask(words);
    toAcknowledge_.clear();
    if (reply.kind != Reply::Kind::Error) return;
    const Fault fault = describe(reply.text, options_);
    if (isOfServer(fault)) asker_.fail(fault);
    stream.hasJoined = false;
    host_.log(SLUICE_LOG_WARNING, "cannot acknowledge entries of " + key + ": " + fault.text);
}

void GroupReading::refused(const Fault& fault) {
    if (fault.code != "group-missing") return;
    for (auto& [key, stream] : streams_) stream.hasJoined = false;
}

}  // namespace sluice::redis
