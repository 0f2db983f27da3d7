#include <gtest/gtest.h>

#include "console/MappingYaml.h"
#include "settings/Settings.h"

namespace sluice {
namespace {

std::vector<InputOptions> shop() {
    InputOptions input;
    input.name = "shop";
    input.plugin = "kafka";
    return {input};
}

std::vector<MappingRule> rulesOf(const std::string& entries) {
    const LoadResult file = loadMappings("a.yaml", "mappings:\n" + entries, {}, shop());
    EXPECT_FALSE(file.hasErrors()) << file.report();
    return file.settings.mappings.rules;
}

/// Equal rules have equal texts, but for the place in the file.
std::string rewritten(const std::string& entry) {
    const auto rules = rulesOf(entry);
    return rules.size() == 1 ? yamlOf(rulesOf(yamlOf(rules.front())).front()) : "";
}

TEST(MappingYaml, writesWhatAFileCouldHave) {
    EXPECT_EQ(
        yamlOf(rulesOf("- from: shop:orders.{region}\n"
                       "  when: payload.amount > 0 && payload.status != 'DRAFT'\n"
                       "  channel: orders/{region}\n"
                       "  event: order\n"
                       "  key: '{payload.id}'\n"
                       "  data: {id: '{payload.id}', n: 2, s: '2', list: [a, true], m: {x: y}}\n"
                       "  redact: [payload.card]\n"
                       "  on_error: pass\n")
                   .front()),
        R"(- from: "shop:orders.{region}"
  when: "payload.amount > 0 && payload.status != 'DRAFT'"
  channel: "orders/{region}"
  event: "order"
  key: "{payload.id}"
  data:
    "id": "{payload.id}"
    "n": 2
    "s": "2"
    "list": ["a", true]
    "m": {"x": "y"}
  redact: ["payload.card"]
  on_error: pass
)");
}

TEST(MappingYaml, readsBackAsTheSameRule) {
    for (const std::string entry :
         {"- {from: shop:a, channel: a}\n", "- {from: shop:a, channel: a, data: '{payload.x}'}\n",
          "- {from: shop:a, channel: a, data: [1, '1', {b: null}]}\n",
          "- {from: shop:a, channel: a, data: {}}\n",
          "- {from: shop:a, channel: a, event: \"\\u00e4 \\\"q\\\" \\\\ {{\"}\n",
          "- {from: shop:a, channel: a, on_error: {dead-letter: {channel: dead}}}\n",
          "- {from: shop:a, channel: a, on_error: {dead-letter: {file: ./dead.ndjson}}}\n"}) {
        EXPECT_EQ(rewritten(entry), yamlOf(rulesOf(entry).front())) << entry;
    }
}

}  // namespace
}  // namespace sluice
