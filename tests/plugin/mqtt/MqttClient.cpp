#include "mqtt/MqttClient.h"

#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Type = MqttPacket::Type;

constexpr auto kPatience = 30s;
/// Mosquitto takes 20 of MQTT 5 (its receive maximum).
constexpr std::size_t kOnTheirWayMax = 20;
constexpr std::uint8_t kContentType = 3, kResponseTopic = 8, kUserProperty = 38;

int connected(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
}

std::string propertiesOf(const MqttClient::Message& message) {
    MqttPacket properties;
    for (const auto& [name, value] : message.userProperties)
        properties.byte(kUserProperty).text(name).text(value);
    if (!message.contentType.empty()) properties.byte(kContentType).text(message.contentType);
    if (!message.responseTopic.empty()) properties.byte(kResponseTopic).text(message.responseTopic);
    return properties.body;
}

}  // namespace

MqttClient::MqttClient(std::uint16_t port, Options options)
    : options_(std::move(options)), fd_(connected(port)) {
    try {
        connect();
    } catch (...) {
        close(fd_);
        throw;
    }
}

MqttClient::~MqttClient() {
    sendAll(fd_, MqttPacket{.type = Type::Disconnect}.bytes());
    close(fd_);
}

void MqttClient::connect() {
    constexpr std::uint8_t kClean = 2, kUsername = 0x80, kPassword = 0x40;
    constexpr std::uint16_t kKeepAliveS = 600;
    const bool hasLogin = !options_.username.empty();
    MqttPacket packet{.type = Type::Connect};
    packet.text("MQTT").byte(static_cast<std::uint8_t>(options_.version));
    packet.byte(hasLogin ? kClean | kUsername | kPassword : kClean).word(kKeepAliveS);
    if (isV5()) packet.variable(0);
    packet.text(options_.id);
    if (hasLogin) packet.text(options_.username).text(options_.password);
    send(packet);
    const MqttPacket answer = next();
    if (answer.type != Type::Connack || answer.body.at(1) != 0)
        throw std::runtime_error("the broker refused the test's client");
}

void MqttClient::send(const MqttPacket& packet) {
    if (!sendAll(fd_, packet.bytes())) throw std::runtime_error("the broker has gone");
}

void MqttClient::begin(const Message& message) {
    MqttPacket packet{.type = Type::Publish};
    packet.flags = static_cast<std::uint8_t>(message.qos << 1 | (message.isRetained ? 1 : 0));
    packet.text(message.topic);
    if (message.qos > 0) {
        lastId_ = lastId_ == 0xffff ? std::uint16_t{1} : static_cast<std::uint16_t>(lastId_ + 1);
        packet.word(lastId_);
        ++onTheirWay_;
    }
    if (isV5()) {
        const std::string properties = propertiesOf(message);
        packet.variable(properties.size()).raw(properties);
    }
    send(packet.raw(message.payload));
}

void MqttClient::publish(const Message& message) {
    publishSoon(message);
    settle();
}

void MqttClient::publishSoon(const Message& message) {
    settle(kOnTheirWayMax - 1);
    begin(message);
}

void MqttClient::publishNumbers(const std::string& topic, int first, int count, int qos) {
    for (int number = first; number < first + count; ++number)
        publishSoon({.topic = topic, .payload = std::to_string(number), .qos = qos});
    settle();
}

void MqttClient::settle(std::size_t onTheirWay) {
    while (onTheirWay_ > onTheirWay) handle(next());
}

void MqttClient::subscribe(const std::string& filter) {
    MqttPacket packet{.type = Type::Subscribe, .flags = 2};
    packet.word(1);
    if (isV5()) packet.variable(0);
    send(packet.text(filter).byte(1));
    do handle(next());
    while (lastType_ != Type::Suback);
}

std::string MqttClient::receive() {
    while (received_.empty()) {
        const auto packet = readMqttPacket(fd_, 10s);
        if (!packet) return {};
        handle(*packet);
    }
    std::string message = std::move(received_.front());
    received_.pop_front();
    return message;
}

bool MqttClient::isConnected() {
    if (!sendAll(fd_, MqttPacket{.type = Type::Pingreq}.bytes())) return false;
    do {
        const auto packet = readMqttPacket(fd_, kPatience);
        if (!packet) return false;
        handle(*packet);
    } while (lastType_ != Type::Pingresp);
    return true;
}

MqttPacket MqttClient::next() {
    auto packet = readMqttPacket(fd_, kPatience);
    if (!packet) throw std::runtime_error("the broker does not answer the test's client");
    return std::move(*packet);
}

void MqttClient::handle(const MqttPacket& packet) {
    lastType_ = packet.type;
    switch (packet.type) {
        case Type::Publish:
            return take(packet);
        case Type::Puback:
        case Type::Pubcomp:
            --onTheirWay_;
            break;
        case Type::Pubrec:
            send({.type = Type::Pubrel, .flags = 2, .body = packet.body.substr(0, 2)});
            break;
        case Type::Disconnect:
            throw std::runtime_error("the broker dismissed the test's client");
        default:
            break;
    }
}

void MqttClient::take(const MqttPacket& publish) {
    MqttBody body(publish.body);
    std::string message = body.text() + " ";
    if ((publish.flags & 6U) != 0) {
        MqttPacket answer{.type = Type::Puback};
        send(answer.word(body.word()));
    }
    if (isV5()) body.skip(body.variable());
    message += body.rest();
    received_.push_back(message + ((publish.flags & 1U) != 0 ? " retained" : ""));
}

}  // namespace sluice::test
