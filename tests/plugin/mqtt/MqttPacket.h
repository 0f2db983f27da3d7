#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// A control packet of MQTT (5.0 section 2): enough for a client and a broker in tests.
struct MqttPacket {
    enum Type : std::uint8_t {
        Connect = 1,
        Connack,
        Publish,
        Puback,
        Pubrec,
        Pubrel,
        Pubcomp,
        Subscribe,
        Suback,
        Unsubscribe,
        Unsuback,
        Pingreq,
        Pingresp,
        Disconnect
    };
    std::uint8_t type = 0, flags = 0;
    std::string body{};

    /// Appenders to the body.
    MqttPacket& byte(std::uint8_t value);
    MqttPacket& word(std::uint16_t value);
    MqttPacket& variable(std::size_t value);  // a variable byte integer
    MqttPacket& text(std::string_view value);
    MqttPacket& raw(std::string_view value);

    /// With its header, as it goes over the wire.
    std::string bytes() const;
};

/// The next packet of a socket; nothing at its end, after `within`, or when `stop` (a descriptor,
/// or -1) can be read.
std::optional<MqttPacket> readMqttPacket(int fd, std::chrono::milliseconds within, int stop = -1);
/// False: the other side has gone.
bool sendAll(int fd, std::string_view bytes);

/// Takes values from the begin of a body. Throws std::out_of_range at its end.
class MqttBody {
  public:
    explicit MqttBody(std::string_view body) : rest_(body) {}
    std::uint8_t byte();
    std::uint16_t word();
    std::size_t variable();
    std::string text();
    std::string_view rest() const { return rest_; }
    void skip(std::size_t count);

  private:
    std::string_view rest_;
};

}  // namespace sluice::test
