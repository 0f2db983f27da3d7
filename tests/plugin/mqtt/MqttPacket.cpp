#include "mqtt/MqttPacket.h"

#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>

#include "support/Patience.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr unsigned kShiftMax = 28;

/// Reads exactly `size` bytes.
bool readBytes(int fd, int stop, steady_clock::time_point until, char* bytes, std::size_t size) {
    while (size > 0) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
        pollfd waited[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
        const int ready =
            poll(waited, 2, static_cast<int>(std::max(left, milliseconds{0}).count()));
        if (ready <= 0 || waited[1].revents != 0) return false;
        const ssize_t count = recv(fd, bytes, size, 0);
        if (count <= 0) return false;
        bytes += count;
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

char charOf(std::size_t value) {
    return static_cast<char>(static_cast<std::uint8_t>(value & 0xffU));
}

}  // namespace

MqttPacket& MqttPacket::byte(std::uint8_t value) {
    body += charOf(value);
    return *this;
}

MqttPacket& MqttPacket::word(std::uint16_t value) {
    return byte(static_cast<std::uint8_t>(value >> 8)).byte(static_cast<std::uint8_t>(value));
}

MqttPacket& MqttPacket::variable(std::size_t value) {
    for (; value >= 0x80; value >>= 7) body += charOf(value | 0x80);
    body += charOf(value);
    return *this;
}

MqttPacket& MqttPacket::text(std::string_view value) {
    return word(static_cast<std::uint16_t>(value.size())).raw(value);
}

MqttPacket& MqttPacket::raw(std::string_view value) {
    body += value;
    return *this;
}

std::string MqttPacket::bytes() const {
    MqttPacket header;
    header.byte(static_cast<std::uint8_t>(type << 4 | flags)).variable(body.size());
    return header.body + body;
}

std::optional<MqttPacket> readMqttPacket(int fd, milliseconds within, int stop) {
    const auto until = steady_clock::now() + within * kPatience;
    char byte = 0;
    if (!readBytes(fd, stop, until, &byte, 1)) return std::nullopt;
    MqttPacket packet;
    packet.type = static_cast<std::uint8_t>(static_cast<std::uint8_t>(byte) >> 4);
    packet.flags = static_cast<std::uint8_t>(byte & 0xf);
    std::size_t length = 0;
    for (unsigned shift = 0; shift < kShiftMax; shift += 7) {
        if (!readBytes(fd, stop, until, &byte, 1)) return std::nullopt;
        length |= static_cast<std::size_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) break;
    }
    packet.body.resize(length);
    if (!readBytes(fd, stop, until, packet.body.data(), length)) return std::nullopt;
    return packet;
}

bool sendAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::uint8_t MqttBody::byte() {
    if (rest_.empty()) throw std::out_of_range("a packet of MQTT that is too short");
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
}

std::uint16_t MqttBody::word() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8 | byte());
}

std::size_t MqttBody::variable() {
    std::size_t value = 0;
    for (unsigned shift = 0; shift < kShiftMax; shift += 7) {
        const std::uint8_t next = byte();
        value |= static_cast<std::size_t>(next & 0x7fU) << shift;
        if ((next & 0x80U) == 0) break;
    }
    return value;
}

std::string MqttBody::text() {
    const std::size_t length = word();
    std::string value(rest_.substr(0, length));
    skip(length);
    return value;
}

void MqttBody::skip(std::size_t count) {
    if (count > rest_.size()) throw std::out_of_range("a packet of MQTT that is too short");
    rest_.remove_prefix(count);
}

}  // namespace sluice::test
