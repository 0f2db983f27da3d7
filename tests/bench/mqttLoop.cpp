// sluice_mqtt_loop: what paho alone costs per message: the bare client that Sluice's MQTT input is
// compared with. Same library, same callbacks, QoS 1; it looks at each message's fields.
//   sluice_mqtt_loop subscribe PORT CLIENT TOPIC            makes the session, then goes
//   sluice_mqtt_loop consume PORT CLIENT TOPIC MESSAGES     prints one JSON line
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

#include <mqtt/async_client.h>

#include "cpuSeconds.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{120};
constexpr std::int32_t kSessionS = 3'600;

class Counter final : public mqtt::callback {
  public:
    explicit Counter(std::uint64_t wanted) : wanted_(wanted) {}

    void message_arrived(mqtt::const_message_ptr message) override {
        if (seen_++ == 0) first_ = Clock::now();
        // What any consumer must look at; the sum keeps the compiler from leaving it out.
        const std::string& payload = message->get_payload_str();
        sum_ += static_cast<std::uint64_t>(payload.empty() ? 0 : payload[0]) + payload.size() +
                message->get_topic().size() + static_cast<std::uint64_t>(message->get_qos());
        if (seen_ != wanted_) return;
        const std::lock_guard lock(mutex_);
        isDone_ = true;
        done_.notify_all();
    }
    /// Seconds from the first message to the last.
    double wait() {
        std::unique_lock lock(mutex_);
        if (!done_.wait_for(lock, kPatience, [this] { return isDone_; }))
            throw std::runtime_error("only " + std::to_string(seen_) + " messages came");
        return std::chrono::duration<double>(Clock::now() - first_).count();
    }
    std::uint64_t sum() const { return sum_; }

  private:
    const std::uint64_t wanted_;
    std::atomic<std::uint64_t> seen_{0};
    std::uint64_t sum_ = 0;
    Clock::time_point first_{};
    std::mutex mutex_;
    std::condition_variable done_;
    bool isDone_ = false;  // guarded by mutex_
};

void run(const std::string& port, const std::string& id, const std::string& topic,
         std::uint64_t messages) {
    const double cpuBefore = cpuSeconds();
    Counter counter(messages);
    mqtt::async_client client("tcp://127.0.0.1:" + port, id, mqtt::create_options(MQTTVERSION_5));
    client.set_callback(counter);
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(false);
    options.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL, kSessionS}});
    client.connect(options)->wait();
    client.subscribe(topic, 1)->wait();
    if (messages > 0) {
        const double seconds = counter.wait();
        std::printf("{\"messages\": %lu, \"seconds\": %.6f, \"cpu_s\": %.6f, \"sum\": %lu}\n",
                    messages, seconds, cpuSeconds() - cpuBefore, counter.sum());
    }
    client.disconnect()->wait();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string_view what = argc > 1 ? argv[1] : "";
        if (what == "subscribe" && argc == 5)
            run(argv[2], argv[3], argv[4], 0);
        else if (what == "consume" && argc == 6)
            run(argv[2], argv[3], argv[4], std::stoull(argv[5]));
        else
            throw std::runtime_error("wants subscribe or consume, see the head of mqttLoop.cpp");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_mqtt_loop: %s\n", error.what());
        return 2;
    }
}
