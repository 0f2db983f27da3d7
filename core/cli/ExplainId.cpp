#include <cstdio>
#include <iostream>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include "cli/Commands.h"
#include "event/EventId.h"

namespace sluice::cli {
namespace {

std::string timeText(std::uint64_t timeMs) {
    constexpr std::uint64_t kYear10000Ms = 253'402'300'800'000;
    if (timeMs >= kYear10000Ms) return std::to_string(timeMs) + " ms";
    const Poco::Timestamp time{static_cast<Poco::Timestamp::TimeVal>(timeMs) * 1'000};
    return Poco::DateTimeFormatter::format(time, "%Y-%m-%dT%H:%M:%S.%iZ");
}

void printFamily(const FamilyCut& family) {
    std::printf("family %08x (%zu lane%s)\n", family.hash, family.places.size(),
                family.places.size() == 1 ? "" : "s");
    for (std::size_t i = 0; i < family.places.size(); ++i) {
        const Place& place = family.places[i];
        std::printf("  lane %zu: next is %llu", i,
                    static_cast<unsigned long long>(place.position.first));
        if (family.words == Words::Two)
            std::printf("-%llu", static_cast<unsigned long long>(place.position.second));
        if (place.ordinal != 0) std::printf(", event %u of its message", place.ordinal);
        std::printf("\n");
    }
}

int explainId(const Arguments& arguments) {
    if (arguments.positional.empty())
        throw UsageError{"explain-id wants an id, such as the lastEventId of a browser's event"};
    const std::optional<EventId> id = parseEventId(arguments.positional.front());
    if (!id) {
        std::cerr << "sluice: this is no id of Sluice, or a part of one: a stream that sends it is "
                     "told `bad-id` and goes on live\n";
        return kExitFailed;
    }
    std::printf("epoch  %.8s%s\n", id->epoch.data(),
                id->epoch == kNobodysEpoch ? " (of no node: resumes by time)" : "");
    std::printf("seq    %llu\n", static_cast<unsigned long long>(id->seq));
    std::printf("time   %s\n", timeText(id->timeMs).c_str());
    if (!id->cut) {
        std::printf("short: exact on the node of this epoch, by time on others\n");
        return kExitOk;
    }
    std::printf("full: means the same on every node%s\n",
                id->cut->empty() ? " (no source with positions feeds the channels)" : "");
    for (const FamilyCut& family : *id->cut) printFamily(family);
    if (id->gen != 0) std::printf("mappings %04x\n", id->gen);
    return kExitOk;
}

}  // namespace

Command explainIdCommand() {
    Command command;
    command.name = "explain-id";
    command.synopsis = "ID";
    command.summary =
        "Say what an event id means: which node wrote it, and the next place per lane";
    command.text =
        "Example:\n  sluice explain-id 1.nmi4u6pa.3aa7a2.1a20f754c21~AAAE0gEBidfqAQA.fbec\n";
    command.positionalMax = 1;
    command.run = explainId;
    return command;
}

}  // namespace sluice::cli
