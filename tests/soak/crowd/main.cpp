// sluice_crowd: see usageText() in CrowdOptions.cpp.
#include <cstdio>
#include <cstring>
#include <exception>

#include "Crowd.h"
#include "openFiles.h"

namespace sluice::soak {
namespace {

enum Exit { kClean = 0, kFound = 1, kFailed = 2 };

int guarded(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
        std::fputs(usageText(), stdout);
        return kClean;
    }
    try {
        bench::raiseOpenFileLimit();
        return Crowd(parseCrowdOptions(argc, argv)).run().clean() ? kClean : kFound;
    } catch (const UsageError& error) {
        std::fprintf(stderr, "sluice_crowd: %s\n%s", error.what(), usageText());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_crowd: %s\n", error.what());
    }
    return kFailed;
}

}  // namespace
}  // namespace sluice::soak

int main(int argc, char** argv) {
    return sluice::soak::guarded(argc, argv);
}
