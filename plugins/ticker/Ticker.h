#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "Options.h"
#include "OptionsSchema.h"
#include "Payload.h"

namespace sluice::ticker {

/// A source without a broker: message k (over all topics, in turn) is due k / rate after its base
/// and follows from seed and k alone.
///
/// Without positions, and with a count, the base is the start of the instance. An endless source
/// with positions has the Unix epoch as its base, so that every node reads the same lanes.
class Ticker {
  public:
    static constexpr plugin::Description kPlugin{"ticker", "1.0.0", kOptionsSchema, true, '.'};

    explicit Ticker(plugin::Host& host);
    ~Ticker();
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    void watch(std::span<const plugin::Pattern> patterns);
    void start(std::span<const sluice_start_position> positions, plugin::milliseconds rewind);
    void stop(plugin::milliseconds deadline);
    static void check(plugin::Host& host);
    void query(std::span<const sluice_text> families);

  private:
    /// Where message k of the source stands.
    struct Place {
        std::uint64_t topic, n, position;
        std::uint32_t partition;
    };

    void run();
    std::uint64_t pushDue(std::uint64_t k, std::uint64_t end);
    void write(const Tick& tick);
    bool waitUntilDue(std::uint64_t k);
    Place placeOf(std::uint64_t k) const;
    std::uint64_t firstOf(std::span<const sluice_start_position> positions,
                          plugin::milliseconds rewind) const;
    std::uint64_t indexOf(const sluice_start_position& position) const;
    std::uint64_t end() const;  // messages that are there by now
    std::uint64_t low() const;
    std::uint64_t dueBy(std::int64_t unixUs) const;
    std::int64_t dueUs(std::uint64_t k) const;
    sluice_position positionAt(std::size_t topic, std::uint32_t partition, std::uint64_t k) const;
    void declare(std::size_t topic, const std::uint64_t* start) const;
    std::string_view topicName(std::size_t topic) const { return options_.topics[topic]; }

    // constant after construction
    plugin::Host& host_;
    const Options options_;

    // constant after start
    std::int64_t baseUs_ = 0;  // when message 0 is due, microseconds since the Unix epoch
    std::uint64_t first_ = 0;

    // ticking thread only
    struct Written {
        std::size_t keyBegin, payloadBegin;
        bool isTombstone;
    };
    plugin::Batch batch_;
    std::string texts_;  // keys and payloads of the batch
    std::vector<Written> written_;

    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;  // guarded by mutex_

    std::thread thread_;
};

}  // namespace sluice::ticker
