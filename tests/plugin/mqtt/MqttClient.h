#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/MqttPacket.h"

namespace sluice::test {

/// A client of a broker at 127.0.0.1 that shares no code with the plugin: it publishes, and may
/// stand in for one that steals a session. One thread; it answers the broker only while it is
/// called. Throws std::runtime_error; every wait is bounded.
class MqttClient {
  public:
    struct Options {
        std::string id = "test-client";
        int version = 5;  // or 4, which is 3.1.1
        std::string username{}, password{};
    };
    explicit MqttClient(std::uint16_t port) : MqttClient(port, Options{}) {}
    MqttClient(std::uint16_t port, Options options);
    ~MqttClient();
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    struct Message {
        std::string topic, payload;
        int qos = 1;
        bool isRetained = false;
        // MQTT 5 only
        std::vector<std::pair<std::string, std::string>> userProperties{};
        std::string contentType{}, responseTopic{};
    };
    /// Returns when the broker has it; with QoS 0, when it was sent.
    void publish(const Message& message);
    /// Returns before the broker has it, but with few on their way; settle() waits for all.
    void publishSoon(const Message& message);
    void settle() { settle(0); }
    /// Payloads first .. first + count - 1, several on their way at once; returns as publish does.
    void publishNumbers(const std::string& topic, int first, int count, int qos = 1);
    void subscribe(const std::string& filter);
    /// The next message as "TOPIC PAYLOAD", with " retained" behind it if it is; "" after 10 s.
    std::string receive();
    /// Whether the broker still answers us.
    bool isConnected();

  private:
    bool isV5() const { return options_.version == 5; }
    void connect();
    void send(const MqttPacket& packet);
    void begin(const Message& message);
    /// Reads until at most so many of our messages are on their way.
    void settle(std::size_t onTheirWay);
    MqttPacket next();
    void handle(const MqttPacket& packet);
    void take(const MqttPacket& publish);

    const Options options_;
    int fd_ = -1;
    std::uint16_t lastId_ = 0;
    std::size_t onTheirWay_ = 0;
    std::deque<std::string> received_;
    std::uint8_t lastType_ = 0;  // of the packet that came last
};

}  // namespace sluice::test
