#include <map>
#include <thread>

#include "Conformance.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Kind = RecordedCall::Kind;
using Lane = std::pair<std::string, std::uint32_t>;

constexpr std::size_t kMessages = 300;
constexpr std::uint64_t kGroup = 7;

/// What is read again of one lane.
struct Replayed {
    std::uint64_t id;
    std::vector<RecordedMessage> wanted;
    sluice_position to;
};

/// Of each lane with messages, all but the last one.
std::vector<Replayed> replaysOf(const Recording& recording) {
    std::map<Lane, std::vector<RecordedMessage>> lanes;
    for (const RecordedMessage& message : recording.messages)
        if (message.hasLane && message.replayId == 0)
            lanes[{message.family, message.lane}].push_back(message);
    std::vector<Replayed> replays;
    for (auto& [lane, messages] : lanes) {
        const sluice_position to = messages.back().position;
        messages.pop_back();
        if (!messages.empty()) replays.push_back({replays.size() + 1, std::move(messages), to});
    }
    return replays;
}

PluginInstance::Position startOf(const Replayed& replay) {
    const RecordedMessage& first = replay.wanted.front();
    return {first.family, first.lane, first.position.first, first.position.second};
}

/// The same messages in the same order, and nothing but them.
bool isWhole(const Recording& recording, const Replayed& replay) {
    auto wanted = replay.wanted.begin();
    for (const RecordedMessage& message : recording.messages) {
        if (message.replayId != replay.id) continue;
        const bool isBehind = message.position.first > replay.to.first ||
                              (message.position.first == replay.to.first &&
                               message.position.second >= replay.to.second);
        if (isBehind) continue;  // allowed, and of no use
        if (wanted == replay.wanted.end() || message.payload != wanted->payload ||
            message.key != wanted->key || message.family != wanted->family ||
            message.lane != wanted->lane || message.position.first != wanted->position.first ||
            message.position.second != wanted->position.second)
            return false;
        ++wanted;
    }
    return wanted == replay.wanted.end();
}

}  // namespace

/// Also while the lane itself goes on.
void Conformance::replayBringsTheSameAgain() {
    Session session{candidate_};
    session.start();
    session.host.waitForMessages(kMessages);
    const auto replays = replaysOf(session.host.recording());
    if (!session.plugin.table().replay || replays.empty()) return;
    for (const Replayed& replay : replays)
        expect(session.plugin.replay(replay.id, startOf(replay), replay.to, kGroup),
               "it takes a replay");
    for (const Replayed& replay : replays) {
        expect(session.host.wait([&](const Recording& recording) {
            return recording.endOf(replay.id, replay.to) == "at";
        }),
               "it tells that a replay is at its end");
        expect(isWhole(session.host.recording(), replay),
               "which has brought the same messages in the same order");
    }
    for (const std::string& breach : session.host.breaches()) expect(false, breach);
}

void Conformance::aCancelledReplayIsSilent() {
    Session session{candidate_};
    session.start();
    session.host.waitForMessages(kMessages);
    const auto replays = replaysOf(session.host.recording());
    if (!session.plugin.table().replay || replays.empty()) return;
    session.host.holdReplays();
    for (const Replayed& replay : replays)
        session.plugin.replay(replay.id, startOf(replay), replay.to, kGroup);
    session.host.waitForHeldPush();
    const std::size_t before = session.host.recording().messages.size();
    expect(session.host.waitForMessages(before + 10), "a reader who has enough holds up no lane");
    const auto began = std::chrono::steady_clock::now();
    for (const Replayed& replay : replays) session.plugin.cancel(replay.id);
    expect(std::chrono::steady_clock::now() - began < 1s, "cancel does not wait");
    session.host.releaseReplays();
    std::this_thread::sleep_for(300ms);  // silence can only be waited for
    const Recording recording = session.host.recording();
    for (const Replayed& replay : replays)
        expect(recording.payloadsOf(replay.id).empty() && recording.endOf(replay.id, {}).empty(),
               "nothing comes of a replay that was cancelled");
    // Before stop all replays are over: so it must not take longer than ever.
    expect(session.plugin.stop() <= PluginInstance::kStopDeadline, "and it stops in time");
}

void Conformance::seekIsAnswered() {
    Session session{candidate_};
    session.start();
    session.host.waitForMessages(1);
    const auto declared = session.host.recording().of(Kind::Lanes);
    if (!session.plugin.table().seek || declared.empty()) return;
    const std::string family = declared.front().family;
    const std::size_t lanes = declared.front().ends.size();
    expect(session.plugin.seek(3, 0, {family}), "it takes a question for a time");
    const auto isAnswered = [&](const Recording& recording) {
        const auto answers = recording.of(Kind::Sought);
        return answers.size() == 1 && answers.front().replayId == 3 &&
               answers.front().family == family &&
               (answers.front().positions.empty() || answers.front().positions.size() == lanes);
    };
    expect(session.host.wait(isAnswered, 5s), "and answers it for all lanes, or for none");
}

}  // namespace sluice::test
