#include "KafkaInput.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "Health.h"
#include "Reader.h"
#include "Watcher.h"

namespace sluice::kafka {

/// Two handles and two threads, from start to stop.
class KafkaInput::Session {
  public:
    Session(const plugin::Host& host, const Options& options, TopicFilter filter, StartPlan plan,
            bool needsHeaders)
        : health_(host, options),
          watcher_(host, options, health_, std::move(filter), std::move(plan)),
          reader_(host, options, watcher_) {
        if (needsHeaders) reader_.wantHeaders();
        readerThread_ = std::thread(
            [this, &host] { host.runThread("kafka reader", [this] { reader_.run(); }); });
        watcherThread_ = std::thread(
            [this, &host] { host.runThread("kafka watcher", [this] { watcher_.run(reader_); }); });
    }
    ~Session() {
        watcher_.stop();
        reader_.stop();
        watcherThread_.join();
        readerThread_.join();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Watcher& watcher() { return watcher_; }
    Reader& reader() { return reader_; }

  private:
    Health health_;
    Watcher watcher_;
    Reader reader_;
    std::thread readerThread_, watcherThread_;
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

}  // namespace sluice::kafka

SLUICE_PLUGIN(sluice::kafka::KafkaInput)
