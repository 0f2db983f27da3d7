#include "RedisInput.h"

#include <csignal>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "Health.h"
#include "PlainLane.h"
#include "PubSub.h"
#include "ReplayGroups.h"
#include "StreamReplays.h"
#include "Streams.h"

namespace sluice::redis {
namespace {

/// OpenSSL writes without MSG_NOSIGNAL: a connection that was cut must not end the process.
void blockSigpipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

/// The threads, from start to stop.
class RedisInput::Session {
  public:
    Session(const plugin::Host& host, const Options& options, const TopicPlan& plan,
            StartPlan start)
        : host_(host), health_(host, options), plain_(host) {
        pubSub_.emplace(host, options, health_, plain_, plan);
        if (!options.streams.empty())
            streams_.emplace(host, options, health_, plain_, plan, std::move(start));
        // The positions of a group's consumer are not those of the stream.
        if (!options.streams.empty() && !options.group)
            replays_.emplace(host, "redis replay", [&host, &options](plugin::ReplayGroup& group) {
                blockSigpipe();
                try {
                    StreamReplays(host, options, group).run();
                } catch (const Stopping&) {
                }
            });
        pubSubThread_ = std::thread([this] { run("redis pub/sub", *pubSub_, true); });
        if (streams_)
            streamsThread_ = std::thread([this] { run("redis streams", *streams_, false); });
    }
    ~Session() {
        pubSub_->stop();
        if (streams_) streams_->stop();
        if (replays_) replays_->stop();
        pubSubThread_.join();
        if (streamsThread_.joinable()) streamsThread_.join();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void watch(const TopicPlan& plan) {
        pubSub_->watch(plan);
        if (streams_) streams_->watch(plan);
    }
    void query(std::span<const sluice_text> keys) {
        if (streams_) streams_->query(keys);
    }
    void seek(std::uint64_t question, std::int64_t timeMs, std::span<const sluice_text> keys) {
        if (streams_)
            streams_->seek(question, timeMs, keys);
        else
            for (const sluice_text key : keys) host_.sought(question, plugin::view(key), {});
    }
    /// Null: nothing can be replayed.
    plugin::ReplayGroups* replays() { return replays_ ? &*replays_ : nullptr; }

  private:
    template <class Part>
    void run(std::string_view name, Part& part, bool isPubSub) {
        blockSigpipe();
        host_.runThread(name, [&] {
            try {
                part.run();
            } catch (const Stopping&) {
                return;
            } catch (...) {
                // The host starts us again; what pub/sub misses meanwhile cannot be read again.
                if (isPubSub) plain_.lost();
                throw;
            }
        });
    }

    const plugin::Host& host_;
    Health health_;
    PlainLane plain_;
    std::optional<PubSub> pubSub_;
    std::optional<Streams> streams_;
    std::thread pubSubThread_, streamsThread_;
    std::optional<plugin::ReplayGroups> replays_;
};

RedisInput::RedisInput(plugin::Host& host) : host_(host), options_(readOptions(host)) {
    // The positions of a group's consumer are not those of the stream.
    if (options_.streams.empty() || options_.group) {
        host.plain();
        return;
    }
    std::vector<std::string_view> streams;
    for (const StreamName& name : options_.streams.all()) streams.push_back(name.text());
    host.plainExcept(streams);
}

RedisInput::~RedisInput() = default;

void RedisInput::check(plugin::Host& host) {
    readOptions(host);
}

void RedisInput::watch(std::span<const plugin::Pattern> patterns) {
    plan_ = TopicPlan(patterns, options_.streams);
    if (session_) session_->watch(plan_);
}

void RedisInput::start(std::span<const sluice_start_position> positions,
                       plugin::milliseconds rewind) {
    StartPlan start;
    start.rewind = rewind;
    for (const sluice_start_position& position : positions)
        start.positions.emplace(plugin::view(position.lane.family),
                                StreamId{position.position.first, position.position.second});
    session_ = std::make_unique<Session>(host_, options_, plan_, std::move(start));
}

void RedisInput::stop(plugin::milliseconds) {
    // Every wait of the threads ends when they are told to stop.
    session_.reset();
}

void RedisInput::query(std::span<const sluice_text> families) {
    if (session_) session_->query(families);
}

bool RedisInput::replay(const sluice_replay_request& request) {
    return session_ && session_->replays() && session_->replays()->add(request);
}

void RedisInput::cancel(std::uint64_t replayId) {
    if (session_ && session_->replays()) session_->replays()->cancel(replayId);
}

void RedisInput::seek(std::uint64_t question, std::int64_t timeMs,
                      std::span<const sluice_text> families) {
    if (session_)
        session_->seek(question, timeMs, families);
    else
        for (const sluice_text family : families) host_.sought(question, plugin::view(family), {});
}

}  // namespace sluice::redis

SLUICE_PLUGIN(sluice::redis::RedisInput)
