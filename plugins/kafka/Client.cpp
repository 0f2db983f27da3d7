#include "Client.h"

#include <array>

namespace sluice::kafka {
namespace {

Client::Events& eventsOf(void* opaque) {
    return *static_cast<Client::Events*>(opaque);
}

void onError(rd_kafka_t*, int error, const char* reason, void* opaque) {
    eventsOf(opaque).onError(static_cast<rd_kafka_resp_err_t>(error), reason);
}

void onLog(const rd_kafka_t* handle, int, const char* facility, const char* line) {
    eventsOf(rd_kafka_opaque(handle)).onLog(std::string(facility) + " " + line);
}

}  // namespace

Client::Client(const Options& options, const Properties& properties, Events& events) {
    ConfPtr conf = makeConf(options);
    std::array<char, 512> words{};
    for (const auto& [name, value] : properties)
        rd_kafka_conf_set(conf.get(), name, value, words.data(), words.size());
    rd_kafka_conf_set_opaque(conf.get(), &events);
    rd_kafka_conf_set_error_cb(conf.get(), sluice::kafka::onError);
    rd_kafka_conf_set_log_cb(conf.get(), sluice::kafka::onLog);
    handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), words.data(), words.size()));
    if (!handle_) throw std::runtime_error(options.scrub(words.data()));
    (void)conf.release();  // the handle's now
    rd_kafka_poll_set_consumer(handle_.get());
    queue_.reset(rd_kafka_queue_get_consumer(handle_.get()));
    rd_kafka_set_log_queue(handle_.get(), queue_.get());
}

std::size_t Client::take(rd_kafka_message_t** messages, std::size_t max, int timeoutMs) const {
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), timeoutMs, messages, max);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace sluice::kafka
