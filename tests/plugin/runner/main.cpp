#include <cstdio>
#include <exception>
#include <string_view>

#include "Conformance.h"

namespace {

constexpr const char* kUsage =
    "usage: sluice-conformance FILE.so [--topic NAME] [--refused] [POINTER=VALUE ...]\n"
    "Holds a plugin against plugin.h; exit status 0 if it keeps to all of it.\n"
    "  POINTER=VALUE   a setting of the input by JSON pointer: /rate=100 /topics/0=a\n"
    "  --topic NAME    a topic (or pattern) that has 300 messages now or soon\n"
    "  --refused       the settings name a broker that refuses: no message may come\n"
    "The input is called 'recorded'.\n";

bool read(int count, char** arguments, sluice::test::Candidate& candidate) {
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        const std::size_t equals = argument.find('=');
        if (argument == "--refused")
            candidate.refused = true;
        else if (argument == "--topic" && i + 1 < count)
            candidate.topic = arguments[++i];
        else if (argument.starts_with("/") && equals != argument.npos && i > 1)
            candidate.settings.emplace_back(argument.substr(0, equals),
                                            argument.substr(equals + 1));
        else if (i == 1)
            candidate.file = argument;
        else
            return false;
    }
    return !candidate.file.empty();
}

}  // namespace

int main(int count, char** arguments) {
    sluice::test::Candidate candidate;
    if (!read(count, arguments, candidate)) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    try {
        const bool passed = sluice::test::Conformance{candidate}.run();
        std::puts(passed ? "it keeps to the contract" : "it BREAKS the contract");
        return passed ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
