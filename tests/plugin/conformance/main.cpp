#include <cstdio>
#include <exception>
#include <string_view>

#include "Conformance.h"

namespace {

constexpr const char* kUsage =
    "usage: plugin_conformance FILE.so [--topic NAME] [--refused] [POINTER=VALUE ...]\n"
    "Holds a plugin against plugin.h. Settings are given by JSON pointer: /rate=100\n";

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
        return sluice::test::Conformance{candidate}.run() ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
