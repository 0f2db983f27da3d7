#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sluice/plugin.h>

namespace sluice::test {

/// A message that a plugin pushed, copied.
struct RecordedMessage {
    std::string topic;
    std::string family;
    std::uint32_t lane = 0;
    sluice_position position{};
    bool hasLane = false;
    std::optional<std::string> key;
    std::optional<std::string> payload;  // absent: a tombstone
    std::optional<std::int64_t> timeMs;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    std::map<std::string, std::string> variables;
    std::uint64_t replayId = 0;
};

/// Another call of the plugin's.
struct RecordedCall {
    enum class Kind {
        Push,
        Lanes,
        Lost,
        At,
        Health,
        Log,
        SettingError,
        Plain,
        PlainExcept,
        Sought
    };
    Kind kind{};
    std::string family;  // Lanes, Lost, At
    std::uint32_t lane = 0;
    std::vector<sluice_lane_ends> ends;  // Lanes
    std::string cluster, incarnation;    // Lanes
    sluice_position from{}, to{};        // Lost; At: `to`
    std::uint32_t number = 0;            // Lost: reason; Health: state; Log: level
    std::string code, text;              // Health, SettingError, Log; code: pointer of SettingError
    std::size_t messagesBefore = 0;      // how many were pushed when it came
    std::uint64_t replayId = 0;          // Sought: the question
    std::vector<sluice_position> positions;  // Sought
    std::uint32_t retryMs = 0;               // Health
};

/// Everything that the host saw of a plugin, in order.
struct Recording {
    std::vector<RecordedMessage> messages;
    std::vector<RecordedCall> calls;  // a push is one entry

    std::vector<RecordedCall> of(RecordedCall::Kind kind) const;
    /// The health reported last: "3 topic-missing", or "" before the first.
    std::string health() const;
    /// Payloads of a replay in order; "(null)" for tombstones.
    std::vector<std::string> payloadsOf(std::uint64_t replayId) const;
    /// How a replay up to `to` ended: "at", "lost" (the last of it), "reset", "failed"; "" while it
    /// runs.
    std::string endOf(std::uint64_t replayId, sluice_position to) const;
    /// Payloads of a topic's lane in order; "(null)" for tombstones.
    std::vector<std::string> payloads(std::string_view topic, std::uint32_t lane) const;
};

/// A host that only records: the other side of plugin.h for tests of a plugin. Any thread may call.
/// Waiting is always bounded.
class RecordingHost {
  public:
    RecordingHost();
    RecordingHost(const RecordingHost&) = delete;
    RecordingHost& operator=(const RecordingHost&) = delete;

    /// A setting by JSON pointer, such as "/brokers" or "/tls/ca". Before the plugin is opened.
    RecordingHost& set(const std::string& pointer, const std::string& value);
    /// The instance is to look only. Before the plugin is opened.
    void observe() { table_.flags |= SLUICE_HOST_OBSERVES; }
    const sluice_host* table() const { return &table_; }
    /// Messages go there instead of into the recording. Before the plugin is opened.
    void replacePush(decltype(sluice_host::push) push) { table_.push = push; }

    Recording recording() const;
    /// Waits until the predicate holds; false after `within`.
    bool wait(const std::function<bool(const Recording&)>& isThere,
              std::chrono::milliseconds within = std::chrono::seconds{30}) const;
    /// Waits until the state is reported with that code, as the last health.
    bool waitForHealth(std::uint32_t state, std::string_view code,
                       std::chrono::milliseconds within = std::chrono::seconds{30}) const;
    bool waitForMessages(std::size_t count,
                         std::chrono::milliseconds within = std::chrono::seconds{30}) const;
    /// Between these, push does not return: a host that is slow. Bounded by kHoldMax.
    void holdPushes();
    void releasePushes();
    /// As holdPushes, of replays only: a reader that has enough. endReplay() and startClosing() let
    /// those go that they concern.
    void holdReplays();
    void releaseReplays();
    bool waitForHeldPush() const;
    static constexpr std::chrono::seconds kHoldMax{60};
    /// The name that every plugin is told as that of its input.
    static constexpr std::string_view kInput = "recorded";
    /// From now on push and its like answer CLOSING.
    void startClosing();
    /// As a host whose reader has gone: everything of this replay is answered with CLOSING.
    void endReplay(std::uint64_t replayId);
    /// Calls that came after this are counted, not recorded: for "silence after stop".
    void seal();
    std::size_t callsAfterSeal() const;
    /// What went wrong by the contract: a lane that was not declared before its message, positions
    /// that do not grow, a lane used by two threads at once.
    std::vector<std::string> breaches() const;

  private:
    struct Callbacks;
    struct LaneState {
        bool hasStart = false;
        bool isBusy = false;
        sluice_position next{};
    };
    template <class Body>
    sluice_result enter(RecordedCall call, std::uint64_t replayId, Body&& body);
    void waitWhileHeld(std::uint64_t replayId);
    void noteMessage(const sluice_message& message, std::uint64_t replayId);
    sluice_position& nextOf(const std::string& family, std::uint32_t lane, std::uint64_t replayId);
    void noteLanes(const RecordedCall& call);

    sluice_host table_{};
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    // guarded by mutex_
    std::map<std::string, std::string> settings_;
    Recording recording_;
    std::map<std::pair<std::string, std::uint32_t>, LaneState> lanes_;
    std::map<std::uint64_t, sluice_position> replays_;  // the next that may come, by id
    std::set<std::uint64_t> endedReplays_;
    std::vector<std::string> breaches_;
    bool isClosing_ = false, isSealed_ = false, isHolding_ = false, hasHeld_ = false;
    bool holdsReplays_ = false;
    std::size_t callsAfterSeal_ = 0;
};

}  // namespace sluice::test
