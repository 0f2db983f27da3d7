#include <algorithm>
#include <array>
#include <utility>

#include "settings/Shape.h"

namespace sluice {
namespace {

using Described = std::pair<std::string_view, std::string_view>;

// config/sluice.yaml says more; these are for one line beside the cursor.
constexpr std::array kDescriptions{
    Described{"listen", "Where browsers come to, HOST:PORT; port 0 takes a free one"},
    Described{"admin", "Where operators come to: /metrics, /inputs, /channels"},
    Described{"admin.listen", "HOST:PORT; beyond this machine it wants a key"},
    Described{"admin.key", "Sent as `Authorization: Bearer KEY`"},
    Described{"admin.public_metrics",
              "Whether /metrics is on the public address too, without a key"},
    Described{"compat",
              "Whose clients are served too, at / and /publish: docs/from-cyclone-sse.md"},
    Described{"static", "A folder whose files are served below /"},
    Described{"inputs", "The brokers that messages come from, each with a name of your own"},
    Described{"inputs.*", "One source: its plugin, and the options of that plugin"},
    Described{"inputs.*.plugin", "What reads it; `sluice plugins` lists them"},
    Described{"inputs.*.rewind", "How much of the past is read at start"},
    Described{"inputs.*.separator",
              "The character between the levels of a topic's name; the plugin knows it"},
    Described{"inputs.*.format", "How mappings read payloads: json, text (one string) or raw"},
    Described{"mappings",
              "What makes events of messages; every one that matches applies, in this order"},
    Described{"mappings.*", "Messages of one input, and the event that each of them becomes"},
    Described{"mappings.*.from",
              "INPUT:PATTERN; {name} takes one level of the topic, {name**} all "
              "the rest. The input http is what comes by POST /publish"},
    Described{"mappings.*.channel",
              "Where the event goes; braces are evaluated, as in orders/{region}"},
    Described{"mappings.*.event",
              "The event type that pages listen to; braces are evaluated. Absent: message"},
    Described{"mappings.*.key",
              "What the event is about; braces are evaluated. Absent: the message's key"},
    Described{"mappings.*.when",
              "An expression, such as payload.amount > 0; other messages are "
              "filtered. Absent: none is"},
    Described{"mappings.*.data",
              "What pages get; braces are evaluated, and braces alone keep the "
              "type of the value. Absent: the payload as it is"},
    Described{"mappings.*.redact",
              "Paths of the payload that are written as null, such as payload.items[*].note"},
    Described{"mappings.*.on_error",
              "What becomes of a message that cannot be mapped: drop, pass "
              "(as it is), or a dead letter"},
    Described{"mappings.*.on_error.dead-letter", "Keep it, with its reason, in one place"},
    Described{"mappings.*.on_error.dead-letter.channel", "As an event of this channel"},
    Described{"mappings.*.on_error.dead-letter.file", "As a line of JSON in this file"},
    Described{"channels",
              "What channels remember, by pattern of their names; the first that "
              "matches counts, so let {any**} stand last"},
    Described{"channels.*", "The policy of these channels"},
    Described{"channels.*.history", "Whichever bound is reached first"},
    Described{"channels.*.history.events", "Events that a channel remembers"},
    Described{"channels.*.history.bytes", "Bytes that a channel remembers"},
    Described{"channels.*.history.age", "How long an event is remembered"},
    Described{"channels.*.history.journal",
              "A folder that keeps it over restarts; the same for all channels"},
    Described{"journal", "How what channels keep on disk is written"},
    Described{"journal.fsync", "How much a power cut may take; 0: as little as the disk allows"},
    Described{"journal.disk", "Bytes on disk; at them the oldest events leave it"},
    Described{"journal.buffer", "Shared memory for what is not on disk yet"},
    Described{"channels.*.filter", "Whether readers may bring a filter of their own, ?filter=EXPR"},
    Described{"channels.*.snapshot",
              "latest-per-key keeps the latest event of each key, for from=snapshot"},
    Described{"channels.*.slow",
              "What becomes of a reader that does not keep up: close (it resumes later), skip (to "
              "the newest, told), conflate (the latest of each key), sample (the last of each slot of "
              "time)"},
    Described{"channels.*.sample", "Events that a reader gets in a second while it is sampled"},
    Described{"channels.*.lag", "Events that a reader may be behind before `slow` acts"},
    Described{"channels.*.snapshot_max", "Of one channel; beyond it the oldest key goes"},
    Described{"channels.*.snapshot_max.keys", "Keys whose latest event is kept"},
    Described{"channels.*.snapshot_max.bytes", "Memory of the latest events"},
    Described{"delivery", "How streams are served"},
    Described{"delivery.retry", "How long browsers wait before they connect again"},
    Described{"delivery.keepalive", "A stream without events gets a sign of life so often"},
    Described{"delivery.poll", "GET /poll without events is answered after at most so long"},
    Described{"delivery.stall",
              "A reader that accepts no byte for so long is disconnected; it can resume"},
    Described{"delivery.drain", "From SIGTERM until the last stream is closed"},
    Described{"publish", "Who may POST to /publish; nobody without a key"},
    Described{"publish.key", "Sent as `Authorization: Bearer KEY`"},
    Described{"publish.channels", "Patterns of channels that may be published to; all by default"},
    Described{"cors", "Pages of which other origins may read streams and publish"},
    Described{"cors.origins", "Such as https://shop.example, or \"*\" for all"},
    Described{"cors.credentials", "Whether with cookies and the like; not together with \"*\""},
    Described{"limits", "Bounds of the whole process"},
    Described{"limits.history", "Bytes of all channels together"},
    Described{"limits.snapshots", "Bytes of the latest events per key of all channels together"},
    Described{"limits.channels",
              "Channels with history; beyond it the one that was idle longest goes"},
    Described{"limits.empty_channels", "Channels subscribed to, but without an event so far"},
    Described{"limits.pattern_matches", "Channels that one subscribed pattern may take"},
    Described{"limits.gap_records", "Records of what sources lost; older ones are told as one gap"},
    Described{"limits.subscribers", "Streams; 0: as many as files may be open, less 512"},
    Described{"limits.catch_ups", "Streams that catch up at once; the others wait"},
    Described{"limits.replays",
              "Replays from sources at once; a stream beyond it is told busy. 0: none"},
    Described{"limits.replay_events", "Events of one replay that wait for its readers"},
    Described{"limits.replay_bytes", "Bytes of one replay that wait for its readers"},
    Described{"limits.channels_per_stream", "Channels that one request may name"},
    Described{"limits.history_page", "Events of one answer of GET /history"},
    Described{"limits.filters", "Distinct filters of readers at a time"},
    Described{"limits.filter_cost", "What one filter may cost: about its steps for an event"},
    Described{"limits.connections", "Connections that ask for something; streams are subscribers"},
    Described{"limits.per_address", "Connections from one address; 0: no bound"},
    Described{"limits.head", "Bytes of the head of a request"},
    Described{"limits.head_time", "In which the head of a request must have come"},
    Described{"limits.body", "Bytes of the body of a request"},
    Described{"limits.payload",
              "Bytes of a message or a published event; a longer one is rejected"},
    Described{"limits.dead_letters",
              "Bytes of a file that on_error names; beyond it dead letters are counted as lost"},
    Described{"log", "What is written to stderr"},
    Described{"log.level", "Of this weight and above"},
    Described{"log.format", "auto is text on a terminal, else JSON"},
    Described{"tests",
              "Messages, and what the mappings must make of them; `sluice check` runs them"},
    Described{"tests.*", "One message and what is expected of it"},
    Described{"tests.*.given", "The message; also the variables of its input, such as qos"},
    Described{"tests.*.given.input", "The name of an entry of inputs, or http"},
    Described{"tests.*.given.topic", "What `from` is to match"},
    Described{"tests.*.given.key", "The key of the message"},
    Described{"tests.*.given.headers", "Texts by name"},
    Described{"tests.*.given.time", "As 2026-01-31T12:00:00Z, or in milliseconds since 1970"},
    Described{"tests.*.given.payload",
              "A structure is sent as JSON, a text as it is; null is a "
              "message without a payload"},
    Described{"tests.*.given.partition", "Of a source that has some"},
    Described{"tests.*.given.offset", "A number, or as Redis streams count: 1700000000000-0"},
    Described{"tests.*.expect",
              "A list of events; [] for a message that is filtered, unmatched, "
              "or {rejected: REASON}"},
    Described{"tests.*.expect.rejected", "Why it cannot be mapped"},
    Described{"tests.*.expect.*", "An event; what it does not name may be anything"},
    Described{"tests.*.expect.*.channel", "The channel that it goes to"},
    Described{"tests.*.expect.*.event", "Its type"},
    Described{"tests.*.expect.*.key", "Its key"},
    Described{"tests.*.expect.*.data", "What pages get"},
};

}  // namespace

std::string_view keyDescription(std::string_view path) {
    const auto* const found =
        std::find_if(kDescriptions.begin(), kDescriptions.end(),
                     [&](const Described& described) { return described.first == path; });
    return found == kDescriptions.end() ? std::string_view{} : found->second;
}

std::vector<std::string> describedKeys() {
    std::vector<std::string> paths;
    for (const auto& [path, description] : kDescriptions) paths.emplace_back(path);
    return paths;
}

}  // namespace sluice
