// sluice_kafka_loop: what librdkafka alone costs per message: the bare loop that Sluice's Kafka
// input is compared with. Reads one partition from its beginning with the plugin's settings and
// looks at each record's fields; or fills a topic first.
//   sluice_kafka_loop produce BROKERS TOPIC MESSAGES BYTES
//   sluice_kafka_loop consume BROKERS TOPIC MESSAGES     prints one JSON line
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "cpuSeconds.h"
#include "support/OrderPayload.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 100;
constexpr int kFlushMs = 60'000;
constexpr std::size_t kBatch = 1000;
constexpr double kSilenceSecondsMax = 20;

struct Close {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Handle = std::unique_ptr<rd_kafka_t, Close>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Close>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Close>;
using Setting = std::pair<const char*, std::string>;

template <std::size_t N>
Handle open(rd_kafka_type_t type, const std::array<Setting, N>& settings) {
    std::array<char, 512> error{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : settings) {
        if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) !=
            RD_KAFKA_CONF_OK) {
            throw std::runtime_error(error.data());
        }
    }
    Handle handle(rd_kafka_new(type, conf, error.data(), error.size()));
    if (!handle) throw std::runtime_error(error.data());
    return handle;
}

double secondsSince(Clock::time_point from) {
    return std::chrono::duration<double>(Clock::now() - from).count();
}

void produce(const std::string& brokers, const std::string& name, std::uint64_t messages,
             std::size_t bytes) {
    const Handle handle = open(
        RD_KAFKA_PRODUCER, std::array<Setting, 4>{{{"bootstrap.servers", brokers},
                                                   {"linger.ms", "20"},
                                                   {"batch.num.messages", "10000"},
                                                   {"queue.buffering.max.messages", "100000"}}});
    const Topic topic(rd_kafka_topic_new(handle.get(), name.c_str(), nullptr));
    for (std::uint64_t seq = 0; seq < messages; ++seq) {
        std::string payload = sluice::test::orderPayload(seq, bytes);
        while (rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, payload.data(), payload.size(),
                                nullptr, 0, nullptr) != 0) {
            rd_kafka_poll(handle.get(), kPollMs);
        }
        rd_kafka_poll(handle.get(), 0);
    }
    if (rd_kafka_flush(handle.get(), kFlushMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error("the broker did not take all messages");
    }
}

// What any consumer must look at; the sum keeps the compiler from leaving it out.
std::uint64_t look(const rd_kafka_message_t& message) {
    rd_kafka_timestamp_type_t type{};
    const std::int64_t time = rd_kafka_message_timestamp(&message, &type);
    const auto* const payload = static_cast<const char*>(message.payload);
    return static_cast<std::uint64_t>(payload[0]) + message.len + message.key_len +
           static_cast<std::uint64_t>(message.offset + time);
}

void consume(const std::string& brokers, const std::string& name, std::uint64_t messages) {
    const double cpuBefore = cpuSeconds();
    const Handle handle =
        open(RD_KAFKA_CONSUMER, std::array<Setting, 8>{{{"bootstrap.servers", brokers},
                                                        {"group.id", "sluice-bench"},
                                                        {"enable.auto.commit", "false"},
                                                        {"enable.auto.offset.store", "false"},
                                                        {"fetch.wait.max.ms", "100"},
                                                        {"enable.partition.eof", "true"},
                                                        {"queued.min.messages", "10000000"},
                                                        {"queued.max.messages.kbytes", "65536"}}});
    const Topic topic(rd_kafka_topic_new(handle.get(), name.c_str(), nullptr));
    const Queue queue(rd_kafka_queue_new(handle.get()));
    rd_kafka_consume_start_queue(topic.get(), 0, RD_KAFKA_OFFSET_BEGINNING, queue.get());

    std::array<rd_kafka_message_t*, kBatch> batch{};
    std::uint64_t seen = 0, sum = 0;
    Clock::time_point first{}, last = Clock::now();
    while (seen < messages) {
        const ssize_t count =
            rd_kafka_consume_batch_queue(queue.get(), kPollMs, batch.data(), batch.size());
        if (count <= 0 && secondsSince(last) > kSilenceSecondsMax) {
            throw std::runtime_error("only " + std::to_string(seen) + " messages came");
        }
        if (count > 0) last = Clock::now();
        for (ssize_t i = 0; i < count; ++i) {
            rd_kafka_message_t* const message = batch[static_cast<std::size_t>(i)];
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                if (seen++ == 0) first = Clock::now();
                sum += look(*message);
            }
            rd_kafka_message_destroy(message);
        }
    }
    const double cpu = cpuSeconds() - cpuBefore;
    std::printf("{\"messages\": %lu, \"seconds\": %.6f, \"cpu_s\": %.6f, \"sum\": %lu}\n", seen,
                secondsSince(first), cpu, sum);
    rd_kafka_consume_stop(topic.get(), 0);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string_view what = argc > 1 ? argv[1] : "";
        if (what == "produce" && argc == 6) {
            produce(argv[2], argv[3], std::stoull(argv[4]), std::stoul(argv[5]));
        } else if (what == "consume" && argc == 5) {
            consume(argv[2], argv[3], std::stoull(argv[4]));
        } else {
            throw std::runtime_error("wants produce or consume, see the head of kafkaLoop.cpp");
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_kafka_loop: %s\n", error.what());
        return 2;
    }
}
