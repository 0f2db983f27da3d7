// sluice_load: see usageText() in LoadOptions.cpp.
#include <cstdio>
#include <cstring>
#include <exception>

#include "LoadOptions.h"
#include "LoadRun.h"
#include "Report.h"
#include "openFiles.h"

namespace sluice::bench {
namespace {

enum Exit { kClean = 0, kFound = 1, kFailed = 2 };

int load(int argc, char** argv) {
    const LoadOptions options = parseLoadOptions(argc, argv);
    LoadRun run(options);
    const LoadResult result = run.run();
    const std::string report =
        options.json ? asJson(options, result, run.tally()) : asText(options, result, run.tally());
    std::fputs(report.c_str(), stdout);
    return isClean(options, result, run.tally()) ? kClean : kFound;
}

int guarded(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
        std::fputs(usageText(), stdout);
        return kClean;
    }
    try {
        raiseOpenFileLimit();
        return load(argc, argv);
    } catch (const UsageError& error) {
        std::fprintf(stderr, "sluice_load: %s\n%s", error.what(), usageText());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_load: %s\n", error.what());
    }
    return kFailed;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
    return sluice::bench::guarded(argc, argv);
}
