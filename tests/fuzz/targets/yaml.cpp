#include "settings/Yaml.h"

#include <string>

#include "Fuzz.h"

using namespace sluice;

namespace {

std::size_t count(const yaml::Node& node) {
    std::size_t nodes = 1;
    for (std::size_t i = 0; i <= node.text().size(); i += 1 + node.text().size() / 8) node.at(i);
    for (const yaml::Node& item : node.items()) nodes += count(item);
    for (const yaml::Entry& entry : node.entries()) nodes += count(entry.key) + count(entry.value);
    return nodes;
}

}  // namespace

/// Configurations as YAML: bounded, and every problem can be shown.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const yaml::Limits limits{.bytes = 1 << 16, .depth = 32, .nodes = 2'000, .problems = 20};
    const yaml::Document document =
        yaml::Document::parse("fuzz.yaml", std::string{textOf(data, size)}, limits);
    FUZZ_LAW(count(document.root()) <= limits.nodes + 1);
    for (const yaml::Problem& problem : document.problems())
        FUZZ_LAW(!document.render(problem).empty());
    return 0;
}
