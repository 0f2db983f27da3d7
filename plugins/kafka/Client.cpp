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
    queue_.reset(rd_kafka_queue_new(handle_.get()));
    rd_kafka_set_log_queue(handle_.get(), nullptr);  // the main queue
}

Client::~Client() {
    for (const Partition& partition : reading_)
        rd_kafka_consume_stop(topic(partition.topic), partition.index);
}

rd_kafka_topic_t* Client::topic(const std::string& name) {
    TopicPtr& known = topics_[name];
    if (!known) known.reset(rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr));
    return known.get();
}

void Client::read(const Partition& partition, std::int64_t offset) {
    endReading(partition);
    if (rd_kafka_consume_start_queue(topic(partition.topic), partition.index, offset,
                                     queue_.get()) != 0)
        throw BrokerError(rd_kafka_last_error());
    reading_.insert(partition);
}

void Client::endReading(const Partition& partition) {
    if (reading_.erase(partition) > 0)
        rd_kafka_consume_stop(topic(partition.topic), partition.index);
}

std::size_t Client::take(rd_kafka_message_t** messages, std::size_t max, int timeoutMs) const {
    rd_kafka_poll(handle_.get(), 0);
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), timeoutMs, messages, max);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void Client::wakeBy(int eventFd) {
    static constexpr std::uint64_t kOne = 1;
    rd_kafka_queue_io_event_enable(queue_.get(), eventFd, &kOne, sizeof kOne);
    const QueuePtr main(rd_kafka_queue_get_main(handle_.get()));
    rd_kafka_queue_io_event_enable(main.get(), eventFd, &kOne, sizeof kOne);
}

}  // namespace sluice::kafka
