#include "support/RecordingHost.h"

#include <algorithm>
#include <set>

#include "Patience.h"

namespace sluice::test {
namespace {

std::string copy(sluice_text text) {
    return text.length == 0 ? std::string{} : std::string(text.data, text.length);
}

bool isBelow(sluice_position a, sluice_position b) {
    return a.first != b.first ? a.first < b.first : a.second < b.second;
}

/// The names of the children of a pointer, sorted.
std::vector<std::string> childrenOf(const std::map<std::string, std::string>& settings,
                                    const std::string& pointer) {
    std::set<std::string> children;
    const std::string prefix = pointer + "/";
    for (const auto& [name, value] : settings) {
        if (!name.starts_with(prefix)) continue;
        std::string child = name.substr(prefix.size());
        children.insert(child.substr(0, child.find('/')));
    }
    return {children.begin(), children.end()};
}

std::string unescaped(std::string key) {
    for (const auto& [from, to] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
        for (auto at = key.find(from); at != key.npos; at = key.find(from, at + 1))
            key.replace(at, 2, to);
    return key;
}

}  // namespace

std::vector<RecordedCall> Recording::of(RecordedCall::Kind kind) const {
    std::vector<RecordedCall> found;
    std::ranges::copy_if(calls, std::back_inserter(found),
                         [&](const RecordedCall& call) { return call.kind == kind; });
    return found;
}

std::string Recording::health() const {
    for (auto call = calls.rbegin(); call != calls.rend(); ++call)
        if (call->kind == RecordedCall::Kind::Health)
            return std::to_string(call->number) + " " + call->code;
    return {};
}

std::vector<std::string> Recording::payloadsOf(std::uint64_t replayId) const {
    std::vector<std::string> found;
    for (const RecordedMessage& message : messages)
        if (message.replayId == replayId) found.push_back(message.payload.value_or("(null)"));
    return found;
}

std::string Recording::endOf(std::uint64_t replayId, sluice_position to) const {
    for (const RecordedCall& call : calls) {
        if (call.replayId != replayId) continue;
        const bool isAtEnd = !isBelow(call.to, to);
        if (call.kind == RecordedCall::Kind::At && isAtEnd) return "at";
        if (call.kind != RecordedCall::Kind::Lost) continue;
        if (call.number == SLUICE_RESET) return "reset";
        if (call.number == SLUICE_FAILED) return "failed";
        if (isAtEnd) return "lost";
    }
    return {};
}

std::vector<std::string> Recording::payloads(std::string_view topic, std::uint32_t lane) const {
    std::vector<std::string> found;
    for (const RecordedMessage& message : messages)
        if (message.topic == topic && message.lane == lane && message.replayId == 0)
            found.push_back(message.payload.value_or("(null)"));
    return found;
}

/// The C functions of the table.
struct RecordingHost::Callbacks {
    static RecordingHost& self(void* context) { return *static_cast<RecordingHost*>(context); }

    static sluice_result push(void* context, std::uint64_t replayId, const sluice_message* messages,
                              std::size_t count) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::Push;
        self(context).waitWhileHeld(replayId);
        call.replayId = replayId;
        return self(context).enter(std::move(call), replayId, [&](RecordingHost& host) {
            const char* bytes = reinterpret_cast<const char*>(messages);
            for (std::size_t i = 0; i < count; ++i, bytes += messages->size)
                host.noteMessage(*reinterpret_cast<const sluice_message*>(bytes), replayId);
        });
    }
    static sluice_result lanes(void* context, sluice_text family, std::uint32_t,
                               sluice_text cluster, sluice_text incarnation,
                               const sluice_lane_ends* ends, std::size_t count) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::Lanes;
        call.family = copy(family);
        call.cluster = copy(cluster);
        call.incarnation = copy(incarnation);
        if (count > 0) call.ends.assign(ends, ends + count);
        return self(context).enter(call, 0, [&](RecordingHost& host) { host.noteLanes(call); });
    }
    static sluice_result lost(void* context, std::uint64_t replayId, sluice_lane lane,
                              sluice_position from, sluice_position to, std::uint32_t reason) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::Lost;
        call.family = copy(lane.family);
        call.lane = lane.index;
        call.from = from;
        call.to = to;
        call.number = reason;
        call.replayId = replayId;
        return self(context).enter(call, replayId, [&](RecordingHost& host) {
            host.nextOf(call.family, call.lane, replayId) = to;
        });
    }
    static sluice_result at(void* context, std::uint64_t replayId, sluice_lane lane,
                            sluice_position position) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::At;
        call.family = copy(lane.family);
        call.lane = lane.index;
        call.to = position;
        call.replayId = replayId;
        return self(context).enter(call, replayId, [&](RecordingHost& host) {
            auto& next = host.nextOf(call.family, call.lane, replayId);
            if (isBelow(position, next)) host.breaches_.push_back("at() went back");
            next = position;
        });
    }
    static void health(void* context, std::uint32_t state, sluice_text code, sluice_text text,
                       std::uint32_t retryMs) {
        RecordedCall call;
        call.retryMs = retryMs;
        call.kind = RecordedCall::Kind::Health;
        call.number = state;
        call.code = copy(code);
        call.text = copy(text);
        self(context).enter(std::move(call), 0, [](RecordingHost&) {});
    }
    static void log(void* context, std::uint32_t level, sluice_text text) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::Log;
        call.number = level;
        call.text = copy(text);
        self(context).enter(std::move(call), 0, [](RecordingHost&) {});
    }
    static sluice_result sought(void* context, std::uint64_t question, sluice_text family,
                                const sluice_position* positions, std::size_t count) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::Sought;
        call.family = copy(family);
        call.replayId = question;
        if (count > 0) call.positions.assign(positions, positions + count);
        return self(context).enter(std::move(call), 0, [](RecordingHost&) {});
    }
    static int setting(void* context, const char* pointer, sluice_text* value) {
        const auto& settings = self(context).settings_;
        const auto found = settings.find(pointer);
        if (found == settings.end()) return 0;
        *value = {found->second.data(), found->second.size()};
        return 1;
    }
    static std::size_t settingCount(void* context, const char* pointer) {
        return childrenOf(self(context).settings_, pointer).size();
    }
    static int settingKey(void* context, const char* pointer, std::size_t index, sluice_text* key) {
        // Kept for the caller, whose view lives until close.
        static std::set<std::string> keys;
        const auto children = childrenOf(self(context).settings_, pointer);
        if (index >= children.size()) return 0;
        const std::string& kept = *keys.insert(unescaped(children[index])).first;
        *key = {kept.data(), kept.size()};
        return 1;
    }
    static void plainExcept(void* context, const sluice_text* patterns, std::size_t count) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::PlainExcept;
        for (std::size_t i = 0; i < count; ++i)
            call.text.append(i == 0 ? "" : " ").append(copy(patterns[i]));
        self(context).enter(std::move(call), 0, [](RecordingHost&) {});
    }
    static void plain(void* context) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::Plain;
        self(context).enter(std::move(call), 0, [](RecordingHost&) {});
    }
    static void settingError(void* context, const char* pointer, sluice_text code, sluice_text text,
                             sluice_text hint) {
        RecordedCall call;
        call.kind = RecordedCall::Kind::SettingError;
        call.code = pointer;
        call.text = copy(code) + ": " + copy(text) + "; " + copy(hint);
        self(context).enter(std::move(call), 0, [](RecordingHost&) {});
    }
};

RecordingHost::RecordingHost() {
    table_ = {.size = sizeof table_,
              .abi_version = SLUICE_ABI_VERSION,
              .context = this,
              .push = Callbacks::push,
              .lanes = Callbacks::lanes,
              .lost = Callbacks::lost,
              .at = Callbacks::at,
              .health = Callbacks::health,
              .log = Callbacks::log,
              .setting = Callbacks::setting,
              .setting_count = Callbacks::settingCount,
              .setting_key = Callbacks::settingKey,
              .setting_error = Callbacks::settingError,
              .plain = Callbacks::plain,
              .input = {kInput.data(), kInput.size()},
              .plain_except = Callbacks::plainExcept,
              .flags = 0,
              .reserved = 0,
              .sought = Callbacks::sought};
}

RecordingHost& RecordingHost::set(const std::string& pointer, const std::string& value) {
    const std::lock_guard lock(mutex_);
    settings_[pointer] = value;
    return *this;
}

template <class Body>
sluice_result RecordingHost::enter(RecordedCall call, std::uint64_t replayId, Body&& body) {
    const std::lock_guard lock(mutex_);
    if (isSealed_) {
        ++callsAfterSeal_;
        return SLUICE_CLOSING;
    }
    if (isClosing_ || endedReplays_.contains(replayId)) return SLUICE_CLOSING;
    call.messagesBefore = recording_.messages.size();
    recording_.calls.push_back(std::move(call));
    body(*this);
    changed_.notify_all();
    return SLUICE_OK;
}

void RecordingHost::noteMessage(const sluice_message& message, std::uint64_t replayId) {
    RecordedMessage copied;
    copied.topic = copy(message.topic);
    copied.hasLane = (message.flags & SLUICE_MESSAGE_HAS_LANE) != 0;
    copied.family = copy(message.lane.family);
    copied.lane = message.lane.index;
    copied.position = message.position;
    copied.replayId = replayId;
    if ((message.flags & SLUICE_MESSAGE_HAS_KEY) != 0) copied.key = copy(message.key);
    if ((message.flags & SLUICE_MESSAGE_TOMBSTONE) == 0) copied.payload = copy(message.payload);
    if ((message.flags & SLUICE_MESSAGE_HAS_TIME) != 0) copied.timeMs = message.time_ms;
    for (std::size_t i = 0; i < message.header_count; ++i) {
        const sluice_header& header = message.headers[i];
        copied.headers.emplace_back(copy(header.name), header.value_is_null != 0
                                                           ? std::nullopt
                                                           : std::optional(copy(header.value)));
    }
    for (std::size_t i = 0; i < message.variable_count; ++i)
        copied.variables[copy(message.variables[i].name)] = copy(message.variables[i].value);
    if (copied.hasLane) {
        if (replayId == 0 && !lanes_[{copied.family, copied.lane}].hasStart)
            breaches_.push_back("a message of a lane that has no start");
        sluice_position& next = nextOf(copied.family, copied.lane, replayId);
        if (isBelow(copied.position, next)) breaches_.push_back("a position that went back");
        next = {copied.position.first, copied.position.second + 1};
    }
    recording_.messages.push_back(std::move(copied));
}

sluice_position& RecordingHost::nextOf(const std::string& family, std::uint32_t lane,
                                       std::uint64_t replayId) {
    return replayId == 0 ? lanes_[{family, lane}].next : replays_[replayId];
}

void RecordingHost::noteLanes(const RecordedCall& call) {
    const auto isOfFamily = [&](const auto& lane) { return lane.first.first == call.family; };
    if (call.ends.empty()) std::erase_if(lanes_, isOfFamily);
    const auto known = std::ranges::count_if(lanes_, isOfFamily);
    if (call.ends.size() < static_cast<std::size_t>(known))
        breaches_.push_back("fewer lanes of a family than before");
    for (std::uint32_t i = 0; i < call.ends.size(); ++i) {
        if ((call.ends[i].flags & SLUICE_ENDS_HAS_START) == 0) continue;
        LaneState& lane = lanes_[{call.family, i}];
        lane.hasStart = true;
        lane.next = call.ends[i].start;
    }
}

Recording RecordingHost::recording() const {
    const std::lock_guard lock(mutex_);
    return recording_;
}

bool RecordingHost::wait(const std::function<bool(const Recording&)>& isThere,
                         std::chrono::milliseconds within) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within * kPatience, [&] { return isThere(recording_); });
}

bool RecordingHost::waitForHealth(std::uint32_t state, std::string_view code,
                                  std::chrono::milliseconds within) const {
    const std::string wanted = std::to_string(state) + " " + std::string(code);
    return wait([&](const Recording& recording) { return recording.health() == wanted; }, within);
}

bool RecordingHost::waitForMessages(std::size_t count, std::chrono::milliseconds within) const {
    return wait([&](const Recording& recording) { return recording.messages.size() >= count; },
                within);
}

void RecordingHost::holdPushes() {
    const std::lock_guard lock(mutex_);
    isHolding_ = true;
}

void RecordingHost::releasePushes() {
    const std::lock_guard lock(mutex_);
    isHolding_ = false;
    changed_.notify_all();
}

bool RecordingHost::waitForHeldPush() const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kHoldMax * kPatience, [&] { return hasHeld_; });
}

void RecordingHost::holdReplays() {
    const std::lock_guard lock(mutex_);
    holdsReplays_ = true;
    hasHeld_ = false;
}

void RecordingHost::releaseReplays() {
    const std::lock_guard lock(mutex_);
    holdsReplays_ = false;
    changed_.notify_all();
}

void RecordingHost::waitWhileHeld(std::uint64_t replayId) {
    std::unique_lock lock(mutex_);
    const auto isHeld = [&] {
        if (isHolding_) return true;
        return holdsReplays_ && replayId != 0 && !isClosing_ && !endedReplays_.contains(replayId);
    };
    if (!isHeld()) return;
    hasHeld_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, kHoldMax * kPatience, [&] { return !isHeld(); });
}

void RecordingHost::startClosing() {
    const std::lock_guard lock(mutex_);
    isClosing_ = true;
    changed_.notify_all();
}

void RecordingHost::endReplay(std::uint64_t replayId) {
    const std::lock_guard lock(mutex_);
    endedReplays_.insert(replayId);
    changed_.notify_all();
}

void RecordingHost::seal() {
    const std::lock_guard lock(mutex_);
    isSealed_ = true;
}

std::size_t RecordingHost::callsAfterSeal() const {
    const std::lock_guard lock(mutex_);
    return callsAfterSeal_;
}

std::vector<std::string> RecordingHost::breaches() const {
    const std::lock_guard lock(mutex_);
    return breaches_;
}

}  // namespace sluice::test
