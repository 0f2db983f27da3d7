#include "base/JsonText.h"
#include "input/InputHost.h"

namespace sluice {
namespace {

void field(std::string& out, std::string_view name) {
    if (out.back() != '{') out += ',';
    appendJsonString(out, name);
    out += ':';
}

void text(std::string& out, std::string_view name, std::string_view value) {
    field(out, name);
    appendJsonString(out, value);
}

template <class Number>
void number(std::string& out, std::string_view name, Number value) {
    field(out, name);
    out += std::to_string(value);
}

void flag(std::string& out, std::string_view name, bool value) {
    field(out, name);
    out += value ? "true" : "false";
}

void reasons(std::string& out, std::string_view name,
             const std::array<std::uint64_t, kRejections>& counts) {
    field(out, name);
    out += '{';
    for (std::size_t i = 0; i < kRejections; ++i)
        number(out, nameOf(static_cast<Rejection>(i)), counts[i]);
    out += '}';
}

void messages(std::string& out, const InputCounts& counts) {
    field(out, "messages");
    out += '{';
    number(out, "received", counts.received);
    number(out, "mapped", counts.mapped);
    number(out, "filtered", counts.filtered);
    number(out, "unmatched", counts.unmatched);
    number(out, "redelivered", counts.redelivered);
    reasons(out, "rejected", counts.rejected);
    out += '}';
}

/// One message of each reason, its payload cut; bytes that are not UTF-8 show as U+FFFD.
void samples(std::string& out, const std::vector<RejectedSample>& samples) {
    field(out, "samples");
    out += '[';
    for (const RejectedSample& sample : samples) {
        if (&sample != &samples.front()) out += ',';
        out += '{';
        text(out, "reason", nameOf(sample.reason));
        text(out, "text", sample.text);
        number(out, "mapping", sample.mapping);
        text(out, "topic", sample.topic);
        text(out, "payload", sample.payload);
        number(out, "payloadBytes", sample.payloadBytes);
        out += '}';
    }
    out += ']';
}

void input(std::string& out, const InputStatus& status) {
    out += '{';
    text(out, "name", status.name);
    text(out, "plugin", status.plugin);
    text(out, "version", status.version);
    text(out, "state", nameOf(status.health.state));
    text(out, "code", status.health.code);
    text(out, "text", status.health.text);
    number(out, "since", status.health.sinceMs);
    number(out, "retryAt", status.health.retryAtMs);
    flag(out, "ready", status.ready);
    flag(out, "replayable", status.replayable);
    number(out, "lanes", status.lanes);
    number(out, "lag", status.lag);
    messages(out, status.counts);
    reasons(out, "rejectedEvents", status.counts.rejectedEvents);
    reasons(out, "leftOut", status.counts.leftOut);
    number(out, "deadLetters", status.counts.deadLetters);
    number(out, "deadLettersLost", status.counts.deadLettersLost);
    samples(out, status.samples);
    number(out, "lost", status.counts.lost);
    number(out, "restarts", status.counts.restarts);
    number(out, "breaches", status.counts.breaches);
    number(out, "abandoned", status.abandoned);
    field(out, "replays");
    out += '{';
    number(out, "running", status.replays.running);
    number(out, "messages", status.replays.messages);
    number(out, "failed", status.replays.failed);
    number(out, "timedOut", status.replays.timedOut);
    out += "}}";
}

}  // namespace

std::string inputsJson(const std::vector<InputStatus>& inputs) {
    std::string out = R"({"inputs":[)";
    for (const InputStatus& status : inputs) {
        if (&status != &inputs.front()) out += ',';
        input(out, status);
    }
    return out += "]}";
}

}  // namespace sluice
