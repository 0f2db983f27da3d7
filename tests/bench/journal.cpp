// The hub with and without its journal, in one process: journal FOLDER SECONDS RATE. Events of
// 200 B, in batches of 100 on 100 channels, paced. Prints one JSON object of figures.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/Clock.h"
#include "channel/Hub.h"
#include "cpuSeconds.h"
#include "journal/DiskJournal.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kBatch = 100, kChannels = 100, kPayloadBytes = 200;
constexpr double kMicro = 1e6;

struct Figures {
    double rate = 0;       // events per second that came in
    double cpuUs = 0;      // of the process, per event
    double longestUs = 0;  // one publish of a batch
    JournalCounts journal;
};

double secondsSince(steady_clock::time_point begin) {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

HubOptions optionsOfHub() {
    HubOptions options;
    options.history.events = 100'000;
    return options;
}

Figures flow(Journal* journal, const DiskJournal* counted, double seconds, double rate) {
    const SystemClock clock;
    Hub hub{optionsOfHub(), clock, journal};
    const std::string payload(kPayloadBytes, 'x');
    std::vector<std::string> channels;
    for (std::size_t i = 0; i < kChannels; ++i) channels.push_back("channel/" + std::to_string(i));
    EventBatch batch;
    Figures figures;
    std::uint64_t events = 0;
    const double cpu = cpuSeconds();
    const auto begin = steady_clock::now();
    while (secondsSince(begin) < seconds) {
        batch.clear();
        for (std::size_t i = 0; i < kBatch; ++i) {
            const std::string_view channel = channels[(events + i) % kChannels];
            batch.beginMessage(kPlainLane, {});
            if (batch.addEvent({&channel, 1}, "", "", payload) != EncodeError::None) std::abort();
        }
        const auto before = steady_clock::now();
        hub.publish(batch);
        figures.longestUs = std::max(figures.longestUs, secondsSince(before) * kMicro);
        events += kBatch;
        std::this_thread::sleep_until(
            begin + std::chrono::duration_cast<steady_clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(events) / rate)));
    }
    const auto count = static_cast<double>(events);
    figures.rate = count / secondsSince(begin);
    figures.cpuUs = (cpuSeconds() - cpu) * kMicro / count;
    if (counted) figures.journal = counted->counts();
    return figures;
}

int run(const std::filesystem::path& folder, double seconds, double rate) {
    const Figures without = flow(nullptr, nullptr, seconds, rate);
    JournalOptions options;
    options.folder = folder;
    options.keepsOthers = true;
    Figures with;
    {
        DiskJournal journal{options};
        with = flow(&journal, &journal, seconds, rate);
    }
    const auto begin = steady_clock::now();
    DiskJournal journal{options};
    const SystemClock clock;
    const Hub hub{optionsOfHub(), clock, &journal};
    const double restart = secondsSince(begin);
    std::printf(
        "{\"rate\": %.0f, \"cpu_us\": %.3f, \"cpu_us_without\": %.3f, "
        "\"longest_us\": %.0f, \"longest_us_without\": %.0f, \"dropped\": %lu, "
        "\"writes\": %lu, \"restart_s\": %.3f, \"restored_mib\": %.0f}\n",
        with.rate, with.cpuUs, without.cpuUs, with.longestUs, without.longestUs,
        with.journal.dropped, with.journal.writes, restart,
        static_cast<double>(hub.counts().keptBytes) / (1 << 20));
    return 0;
}

}  // namespace
}  // namespace sluice

int main(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "journal FOLDER SECONDS RATE\n");
        return 2;
    }
    return sluice::run(arguments[1], std::atof(arguments[2]), std::atof(arguments[3]));
}
