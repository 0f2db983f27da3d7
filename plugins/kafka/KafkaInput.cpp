#include "KafkaInput.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "Health.h"
#include "Reader.h"
#include "ReplayGroups.h"
#include "ReplayReader.h"
#include "Watcher.h"

namespace sluice::kafka {

/// Two handles and two threads, from start to stop; and one of each for a group of replays.
class KafkaInput::Session {
  public:
    Session(const plugin::Host& host, const Options& options, TopicFilter filter, StartPlan plan,
            bool needsHeaders)
        : health_(host, options),
          watcher_(host, options, health_, std::move(filter), std::move(plan)),
          reader_(host, options, watcher_),
          replays_(host, "kafka replay", [&host, &options](plugin::ReplayGroup& group) {
              ReplayReader(host, options, group).run();
          }) {
        if (needsHeaders) reader_.wantHeaders();
        readerThread_ = std::thread(
            [this, &host] { host.runThread("kafka reader", [this] { reader_.run(); }); });
        watcherThread_ = std::thread(
            [this, &host] { host.runThread("kafka watcher", [this] { watcher_.run(reader_); }); });
    }
    ~Session() {
        watcher_.stop();
        reader_.stop();
        replays_.stop();
        watcherThread_.join();
        readerThread_.join();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Watcher& watcher() { return watcher_; }
    Reader& reader() { return reader_; }
    plugin::ReplayGroups& replays() { return replays_; }

  private:
    Health health_;
    Watcher watcher_;
    Reader reader_;
    std::thread readerThread_, watcherThread_;
    plugin::ReplayGroups replays_;
};

KafkaInput::KafkaInput(plugin::Host& host) : host_(host), options_(readOptions(host)) {}

KafkaInput::~KafkaInput() = default;

void KafkaInput::check(plugin::Host& host) {
    readOptions(host);
}

void KafkaInput::watch(std::span<const plugin::Pattern> patterns) {
    filter_ = TopicFilter(patterns);
    needsHeaders_ = needsHeaders_ || std::ranges::any_of(patterns, &plugin::Pattern::needsHeaders);
    if (!session_) return;
    if (needsHeaders_) session_->reader().wantHeaders();
    session_->watcher().watch(filter_);
}

void KafkaInput::start(std::span<const sluice_start_position> positions,
                       plugin::milliseconds rewind) {
    StartPlan plan;
    plan.rewind = rewind;
    for (const sluice_start_position& position : positions)
        plan.positions.emplace(Partition{std::string(plugin::view(position.lane.family)),
                                         static_cast<std::int32_t>(position.lane.index)},
                               static_cast<std::int64_t>(position.position.first));
    session_ = std::make_unique<Session>(host_, options_, filter_, std::move(plan), needsHeaders_);
}

void KafkaInput::stop(plugin::milliseconds) {
    // Every wait of the threads is shorter than a deadline can be: see Cluster::kCallMs.
    session_.reset();
}

void KafkaInput::query(std::span<const sluice_text> families) {
    if (session_) session_->watcher().query(families);
}

bool KafkaInput::replay(const sluice_replay_request& request) {
    return session_ && session_->replays().add(request);
}

void KafkaInput::cancel(std::uint64_t replayId) {
    if (session_) session_->replays().cancel(replayId);
}

void KafkaInput::seek(std::uint64_t question, std::int64_t timeMs,
                      std::span<const sluice_text> families) {
    if (session_)
        session_->watcher().seek(question, timeMs, families);
    else
        for (const sluice_text family : families) host_.sought(question, plugin::view(family), {});
}

}  // namespace sluice::kafka

SLUICE_PLUGIN(sluice::kafka::KafkaInput)
