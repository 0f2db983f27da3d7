#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "Handles.h"
#include "Options.h"
#include "Record.h"

namespace sluice::kafka {

/// A request to the brokers that failed.
class BrokerError : public std::runtime_error {
  public:
    explicit BrokerError(rd_kafka_resp_err_t error)
        : std::runtime_error(rd_kafka_err2str(error)), error_(error) {}
    rd_kafka_resp_err_t error() const { return error_; }

  private:
    rd_kafka_resp_err_t error_;
};

/// One consumer handle of librdkafka. Its events are called by whoever takes from it, so a client
/// belongs to one thread, and no thread of librdkafka ever calls into Sluice.
///
/// It reads by the older interface (consume_start, consume_stop) and belongs to no group. By
/// assign(), rd_kafka_destroy() of 2.0.2 never returns when a topic went that was assigned.
class Client {
  public:
    class Events {
      public:
        /// error_cb: never an end, librdkafka goes on by itself.
        virtual void onError(rd_kafka_resp_err_t error, std::string_view reason) = 0;
        virtual void onLog(std::string_view line) = 0;

      protected:
        ~Events() = default;
    };
    using Properties = std::vector<std::pair<const char*, const char*>>;

    /// `properties` come after those of the options. Throws std::runtime_error, such as for a CA
    /// file that cannot be read. The events must outlive the client.
    Client(const Options& options, const Properties& properties, Events& events);
    /// Ends all reading. REQUIRES: no message is held.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    rd_kafka_t* handle() const { return handle_.get(); }

    /// Begins to read a partition, or goes elsewhere in it; what was fetched before is dropped.
    /// Throws BrokerError.
    void read(const Partition& partition, std::int64_t offset);
    void endReading(const Partition& partition);

    /// Takes up to `max` messages; the events that are there are called first. With no timeout it
    /// does not wait; with one it waits until `max` have come.
    std::size_t take(rd_kafka_message_t** messages, std::size_t max, int timeoutMs = 0) const;
    /// Writes 1 to the eventfd when there is something to take. REQUIRES: it outlives the client.
    void wakeBy(int eventFd);

  private:
    rd_kafka_topic_t* topic(const std::string& name);

    ClientPtr handle_;
    // These must go before the handle.
    QueuePtr queue_;
    std::map<std::string, TopicPtr> topics_;
    std::set<Partition> reading_;
};

}  // namespace sluice::kafka
