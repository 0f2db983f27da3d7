#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "Handles.h"
#include "Options.h"

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

/// One consumer handle of librdkafka. Its events are called by whoever serves its queue, so a
/// client belongs to one thread, and no thread of librdkafka ever calls into Sluice.
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

    rd_kafka_t* handle() const { return handle_.get(); }
    rd_kafka_queue_t* queue() const { return queue_.get(); }

    /// Takes up to `max` messages and events that are there, without waiting.
    std::size_t take(rd_kafka_message_t** messages, std::size_t max, int timeoutMs = 0) const;

  private:
    ClientPtr handle_;
    QueuePtr queue_;  // must go before the handle
};

}  // namespace sluice::kafka
