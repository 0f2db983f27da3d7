#include "settings/Settings.h"

#include <string>

#include "Fuzz.h"
#include "mapping/MappingTable.h"

using namespace sluice;

namespace {

Environment environment() {
    Environment made{{"SECRET", "planted-secret-of-the-fuzzer"}, {"EMPTY", ""}};
    made.hasFiles = false;
    return made;
}

/// As `check` compiles them.
void compile(const Settings& settings) {
    std::vector<MappingInput> inputs;
    for (const InputOptions& input : settings.inputs)
        inputs.push_back({input.name, input.separator.value_or('.'), input.format});
    std::vector<MappingError> errors;
    const auto table = MappingTable::compile(settings.mappings, inputs, errors);
    for (const MappingError& error : errors) FUZZ_LAW(!error.message.empty());
    FUZZ_LAW(table || !errors.empty());
}

}  // namespace

/// Whole configurations: every error has a place and a text, none shows a secret, and what has none
/// can be used.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Environment kEnvironment = environment();
    const std::string text{textOf(data, size)};
    const LoadResult result = load("fuzz.yaml", text, kEnvironment);
    for (const yaml::Problem& problem : result.problems) {
        FUZZ_LAW(!problem.code.empty() && !problem.message.empty());
        FUZZ_LAW(problem.where.begin.offset <= text.size());
    }
    const std::string report = result.report();
    FUZZ_LAW(report.empty() == result.problems.empty());
    if (text.find("planted") == std::string::npos)
        FUZZ_LAW(report.find("planted-secret-of-the-fuzzer") == std::string::npos);
    if (result.hasErrors()) return 0;
    compile(result.settings);
    exposureError(result.settings.http);
    exposureWarning(result.settings.http);
    certificateError(result.settings.http);
    return 0;
}
