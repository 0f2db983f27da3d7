#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mqtt/MqttPacket.h"

namespace sluice::test {

/// A server that speaks as much MQTT as is needed to say what Mosquitto cannot be made to say. One
/// connection at a time; it goes with the object.
class FakeBroker {
  public:
    using Bytes = std::vector<std::uint8_t>;
    struct Behaviour {
        /// The answer to CONNECT, by the level of the protocol (5; 4 is 3.1.1). Empty: it closes.
        std::function<Bytes(std::uint8_t level)> connack = [](std::uint8_t level) {
            return level == 5 ? Bytes{0x20, 3, 0, 0, 0} : Bytes{0x20, 2, 0, 0};
        };
        /// The reason in SUBACK (requests are expected to have one filter).
        std::uint8_t suback = 1;
        /// What follows SUBACK, such as a DISCONNECT.
        Bytes afterSuback{};
    };
    explicit FakeBroker(Behaviour behaviour);
    ~FakeBroker();
    FakeBroker(const FakeBroker&) = delete;
    FakeBroker& operator=(const FakeBroker&) = delete;

    std::string uri() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
    /// The levels of all CONNECTs so far.
    std::vector<int> levels() const;

  private:
    void run();
    void talk(int fd);
    std::string answerTo(const MqttPacket& packet);

    const Behaviour behaviour_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int stop_ = -1;           // an eventfd that ends all waiting
    std::uint8_t level_ = 0;  // of the connection; its thread only
    mutable std::mutex mutex_;
    std::vector<int> levels_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace sluice::test
