#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "Schedule.h"

/// Runs random schedules of nodes, lanes, losses and clients against the hub, resume, turns and the
/// block writer, and judges what clients read by resume.md section 7.
namespace sluice::property {
namespace {

constexpr const char* kUsage =
    "property_channel --variant NAME [--schedules N] [--from SEED]   runs N schedules\n"
    "property_channel --variant NAME --seed SEED [--ops 'OPS']       runs one, with a trace\n"
    "The environment's SLUICE_SCHEDULES is the number of schedules of all variants together.\n";

#ifdef SLUICE_SANITIZED
constexpr std::uint64_t kSchedulesOfAll = 10'000;
#else
constexpr std::uint64_t kSchedulesOfAll = 100'000;
#endif

struct Options {
    const Variant* variant = nullptr;
    std::uint64_t schedules = 0, from = 0;
    bool isOne = false;
    std::uint64_t seed = 0;
    std::string ops;
};

std::uint64_t number(const char* text) {
    std::uint64_t value = 0;
    const char* const end = text + std::strlen(text);
    if (std::from_chars(text, end, value).ptr != end) throw std::invalid_argument{text};
    return value;
}

Options parse(int argc, char** argv) {
    Options options;
    options.schedules = kSchedulesOfAll / variants().size();
    if (const char* const all = std::getenv("SLUICE_SCHEDULES"))
        options.schedules = number(all) / variants().size();
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        if (name == "--variant") options.variant = findVariant(argv[i + 1]);
        if (name == "--schedules") options.schedules = number(argv[i + 1]);
        if (name == "--from") options.from = number(argv[i + 1]);
        if (name == "--ops") options.ops = argv[i + 1];
        if (name != "--seed") continue;
        options.isOne = true;
        options.seed = number(argv[i + 1]);
    }
    if (!options.variant || argc % 2 == 0) throw std::invalid_argument{"wrong usage"};
    return options;
}

int runOne(const Options& options) {
    const std::vector<Op> ops =
        options.ops.empty() ? makeSchedule(options.seed, *options.variant) : parseOps(options.ops);
    const auto violation = runSchedule(options.seed, ops, *options.variant, true);
    std::printf("%s\n", violation ? violation->c_str() : "nothing was violated");
    return violation ? 1 : 0;
}

void report(std::uint64_t seed, const Variant& variant, const std::string& violation) {
    const std::vector<Op> ops = shrink(seed, makeSchedule(seed, variant), variant);
    const auto shrunk = runSchedule(seed, ops, variant);
    std::printf("seed %llu: %s\n  --variant %s --seed %llu --ops '%s'\n",
                static_cast<unsigned long long>(seed), shrunk.value_or(violation).c_str(),
                std::string{variant.name}.c_str(), static_cast<unsigned long long>(seed),
                printOps(ops).c_str());
    std::fflush(stdout);
}

// What runs now, for the handler: a broken invariant of core ends the process.
std::uint64_t runningSeed = 0;
const char* runningVariant = "";

extern "C" void sayWhatRan(int) {
    std::fprintf(stderr, "in: --variant %s --seed %llu\n", runningVariant,
                 static_cast<unsigned long long>(runningSeed));
}

int runMany(const Options& options) {
    constexpr std::uint64_t kReportsMax = 5;
    std::uint64_t bad = 0;
    runningVariant = options.variant->name.data();
    std::signal(SIGABRT, sayWhatRan);
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < options.schedules; ++i) {
        const std::uint64_t seed = runningSeed = options.from + i;
        const auto violation =
            runSchedule(seed, makeSchedule(seed, *options.variant), *options.variant);
        if (violation && ++bad <= kReportsMax) report(seed, *options.variant, *violation);
        if (bad == kReportsMax * 20) break;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%s: %llu bad of %llu schedules in %.1f s\n",
                std::string{options.variant->name}.c_str(), static_cast<unsigned long long>(bad),
                static_cast<unsigned long long>(options.schedules), took.count());
    return bad ? 1 : 0;
}

}  // namespace
}  // namespace sluice::property

int main(int argc, char** argv) {
    using namespace sluice::property;
    try {
        const Options options = parse(argc, argv);
        return options.isOne ? runOne(options) : runMany(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "property_channel: %s\n%s", error.what(), kUsage);
        return 2;
    }
}
