#include "console/MappingsPage.h"

#include "base/Json.h"
#include "console/MappingYaml.h"

namespace sluice {
namespace {

Json samplesOf(std::size_t mapping, const std::string& input,
               const std::vector<InputStatus>& inputs) {
    Json list = Json::array();
    for (const InputStatus& status : inputs) {
        if (status.name != input) continue;
        for (const RejectedSample& sample : status.samples) {
            if (sample.mapping != mapping) continue;
            Json& json = list.add(Json::object());
            json.set("reason", nameOf(sample.reason));
            json.set("text", sample.text);
            json.set("topic", sample.topic);
            json.set("payload", sample.payload);
        }
    }
    return list;
}

}  // namespace

std::string mappingsJson(const MappingOptions& options, const std::vector<std::uint64_t>& events,
                         const std::vector<InputStatus>& inputs) {
    Json json = Json::object();
    Json& list = json.set("mappings", Json::array());
    for (std::size_t i = 0; i < options.rules.size(); ++i) {
        const MappingRule& rule = options.rules[i];
        Json& one = list.add(Json::object());
        one.set("mapping", Json::number(static_cast<std::int64_t>(i + 1)));
        if (rule.mark.line != 0) one.set("place", placeOf(rule.mark));
        one.set("input", rule.input);
        one.set("from", rule.from);
        one.set("channel", rule.channel);
        if (!rule.event.empty()) one.set("event", rule.event);
        if (rule.when) one.set("when", *rule.when);
        one.set("yaml", yamlOf(rule));
        // A reload may come between the two.
        const std::uint64_t count = i < events.size() ? events[i] : 0;
        one.set("events", Json::number(static_cast<std::int64_t>(count)));
        one.set("samples", samplesOf(i + 1, rule.input, inputs));
    }
    return json.compact() + '\n';
}

}  // namespace sluice
