#include "Conformance.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include <dlfcn.h>

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Kind = RecordedCall::Kind;
using Lane = std::pair<std::string, std::uint32_t>;
using Place = std::pair<std::uint64_t, std::uint64_t>;  // both words of a position

constexpr std::size_t kMessages = 300;

std::size_t entriesOf(const char* folder) {
    const auto all = std::filesystem::directory_iterator{folder};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t socketsOpen() {
    std::size_t sockets = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        std::error_code error;
        const auto target = std::filesystem::read_symlink(entry.path(), error);
        sockets += !error && target.string().starts_with("socket:") ? 1 : 0;
    }
    return sockets;
}

/// The messages of each lane by position.
std::map<Lane, std::map<Place, std::string>> byLane(const Recording& recording) {
    std::map<Lane, std::map<Place, std::string>> lanes;
    for (const RecordedMessage& message : recording.messages)
        if (message.hasLane)
            lanes[{message.family, message.lane}]
                 [{message.position.first, message.position.second}] =
                     message.payload.value_or("(null)");
    return lanes;
}

}  // namespace

Conformance::Session::Session(const Candidate& candidate)
    : plugin{candidate.file, host}, topic{candidate.topic} {
    for (const auto& [pointer, value] : candidate.settings) host.set(pointer, value);
}

bool Conformance::Session::start(const std::vector<PluginInstance::Position>& positions) {
    return plugin.open() && plugin.watch({topic}) && plugin.start(positions, 1s);
}

bool Conformance::run() {
    tableIsWhole();
    otherAbiIsRefused();
    checkTouchesNothing();
    openTouchesNoNetwork();
    if (!passed_) return false;  // nothing further would come of it
    if (candidate_.refused) {
        aRefusedBrokerIsAState();
    } else {
        lanesAreInOrder();
        restartGoesOnAtItsPositions();
        queryIsAnsweredBySource();
        replayBringsTheSameAgain();
        aCancelledReplayIsSilent();
        seekIsAnswered();
        stopIsInTimeAndSilentAfterwards();
    }
    return passed_;
}

bool Conformance::expect(bool holds, const std::string& what) {
    std::printf("%s %s\n", holds ? "ok    " : "FAILED", what.c_str());
    passed_ = passed_ && holds;
    return holds;
}

/// What the plugin itself said: mostly it knows why.
void Conformance::quote(const Session& session) {
    for (const RecordedCall& call : session.host.recording().calls) {
        if (call.kind == Kind::SettingError)
            std::printf("       setting %s: %s\n", call.code.c_str(), call.text.c_str());
        if (call.kind == Kind::Health)
            std::printf("       state %u [%s]: %s\n", call.number, call.code.c_str(),
                        call.text.c_str());
        if (call.kind == Kind::Log) std::printf("       log: %s\n", call.text.c_str());
    }
}

void Conformance::tableIsWhole() {
    const Session session{candidate_};
    const sluice_plugin_table& table = session.plugin.table();
    expect(table.size >= sizeof(sluice_plugin_table), "its table has the size of its ABI");
    expect(table.name && table.version && table.options_schema, "it has name, version, schema");
    expect(table.open && table.watch && table.start && table.stop && table.close,
           "it has all functions that it needs");
    expect(table.separator != 0, "it says what separates the levels of a topic");
}

void Conformance::otherAbiIsRefused() {
    void* const library = dlopen(candidate_.file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const auto entry = reinterpret_cast<sluice_plugin_function>(dlsym(library, "sluice_plugin"));
    std::uint32_t least = 0, most = 0;
    const bool refused = entry(1'000, 1'001, &least, &most) == nullptr;
    expect(refused && least > 0 && most >= least && most < 1'000,
           "it refuses a host of another ABI and says what it speaks");
}

void Conformance::checkTouchesNothing() {
    Session session{candidate_};
    const std::size_t files = entriesOf("/proc/self/fd"), threads = entriesOf("/proc/self/task");
    if (!expect(session.plugin.check(), "check accepts the settings")) quote(session);
    expect(entriesOf("/proc/self/fd") == files, "check leaves no file open");
    expect(entriesOf("/proc/self/task") == threads, "check leaves no thread");
    expect(session.host.recording().of(Kind::Push).empty() &&
               session.host.recording().of(Kind::Lanes).empty(),
           "check pushes nothing");
}

void Conformance::openTouchesNoNetwork() {
    Session session{candidate_};
    const std::size_t sockets = socketsOpen();
    if (!expect(session.plugin.open(), "it opens")) quote(session);
    expect(socketsOpen() == sockets, "open makes no socket");
    expect(session.host.recording().of(Kind::Push).empty(), "open pushes nothing");
}

void Conformance::lanesAreInOrder() {
    Session session{candidate_};
    expect(session.start(), "it starts");
    if (!expect(session.host.waitForMessages(kMessages),
                std::to_string(kMessages) + " messages come"))
        quote(session);
    session.plugin.stop();
    for (const std::string& breach : session.host.breaches()) expect(false, breach);
    expect(session.host.breaches().empty(),
           "every lane is declared before its messages, in order, by one thread at a time");
    const Recording recording = session.host.recording();
    expect(std::ranges::all_of(recording.messages,
                               [](const RecordedMessage& message) {
                                   return !message.hasLane || message.family == message.topic;
                               }),
           "the family of a lane is the topic of its messages");
    expect(recording.health().starts_with("2"), "it says that it runs");
}

/// A second instance gets places in the middle of what the first one read: it must bring every
/// message from there on, the same ones, and in order.
void Conformance::restartGoesOnAtItsPositions() {
    Session first{candidate_};
    first.start();
    first.host.waitForMessages(kMessages);
    first.plugin.stop();
    const auto read = byLane(first.host.recording());
    if (read.empty()) return;
    std::vector<PluginInstance::Position> positions;
    std::size_t expected = 0;
    for (const auto& [lane, messages] : read) {
        const auto middle =
            std::next(messages.begin(), static_cast<std::ptrdiff_t>(messages.size() / 2));
        positions.push_back({lane.first, lane.second, middle->first.first, middle->first.second});
        expected += messages.size() - messages.size() / 2;
    }
    Session second{candidate_};
    expect(second.start(positions), "it starts at positions");
    const auto readAgain = [&](const Recording& recording) {
        const auto again = byLane(recording);
        std::size_t same = 0;
        for (const PluginInstance::Position& position : positions) {
            const Lane lane{position.family, position.lane};
            const auto found = again.find(lane);
            if (found == again.end()) continue;
            for (const auto& [place, payload] : read.at(lane))
                if (place >= Place{position.first, position.second} &&
                    found->second.contains(place))
                    same += found->second.at(place) == payload ? 1 : 0;
        }
        return same == expected;
    };
    expect(second.host.wait(readAgain),
           "after a restart it brings every message from its positions on, the same ones");
    expect(second.host.breaches().empty(), "and in order");
}

void Conformance::queryIsAnsweredBySource() {
    Session session{candidate_};
    session.start();
    session.host.waitForMessages(1);
    const auto declared = session.host.recording().of(Kind::Lanes);
    if (!session.plugin.table().query || declared.empty()) return;
    const std::string family = declared.front().family;
    expect(session.plugin.query({family}), "it takes a query");
    const auto isAnswered = [&](const Recording& recording) {
        const auto answers = recording.of(Kind::Lanes);
        return answers.size() > declared.size() && answers.back().family == family &&
               std::ranges::all_of(answers.back().ends, [](const sluice_lane_ends& lane) {
                   return (lane.flags & SLUICE_ENDS_KNOWN) != 0;
               });
    };
    expect(session.host.wait(isAnswered, 5s), "and answers it with the source's own word");
}

void Conformance::stopIsInTimeAndSilentAfterwards() {
    const std::size_t threads = entriesOf("/proc/self/task");
    Session session{candidate_};
    session.start();
    session.host.waitForMessages(1);
    const auto took = session.plugin.stop();
    session.host.seal();
    expect(took <= PluginInstance::kStopDeadline, "it stops within its deadline");
    std::this_thread::sleep_for(300ms);  // silence can only be waited for
    expect(session.host.callsAfterSeal() == 0, "it is silent after stop");
    expect(entriesOf("/proc/self/task") <= threads, "no thread of it is left");
}

void Conformance::aRefusedBrokerIsAState() {
    Session session{candidate_};
    expect(session.start(), "it starts although the broker refuses");
    const auto says = [](const Recording& recording) {
        const std::string health = recording.health();
        return health.starts_with("1 ") || health.starts_with("4 ");
    };
    expect(session.host.wait(says), "it says that it is connecting or has failed, and why");
    expect(session.host.recording().messages.empty(), "nothing is pushed");
    expect(session.plugin.stop() <= PluginInstance::kStopDeadline,
           "it stops within its deadline all the same");
}

}  // namespace sluice::test
