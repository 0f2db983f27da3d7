#include "mqtt/FakeBroker.h"

#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/FreePort.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Type = MqttPacket::Type;

std::string textOf(const FakeBroker::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

FakeBroker::FakeBroker(Behaviour behaviour)
    : behaviour_(std::move(behaviour)), port_(freePort()), stop_(eventfd(0, EFD_CLOEXEC)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 8) != 0)
        throw std::runtime_error("cannot listen");
    thread_ = std::thread([this] { run(); });
}

FakeBroker::~FakeBroker() {
    const std::uint64_t one = 1;
    if (write(stop_, &one, sizeof one) == sizeof one) thread_.join();
    close(listener_);
    close(stop_);
}

std::vector<int> FakeBroker::levels() const {
    const std::lock_guard lock(mutex_);
    return levels_;
}

void FakeBroker::run() {
    pollfd waited[] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    while (poll(waited, 2, -1) > 0 && waited[1].revents == 0) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        talk(fd);
        close(fd);
    }
}

void FakeBroker::talk(int fd) {
    while (const auto packet = readMqttPacket(fd, 1h, stop_)) {
        const std::string answer = answerTo(*packet);
        if (answer.empty() && packet->type == Type::Connect) return;
        if (!sendAll(fd, answer)) return;
    }
}

std::string FakeBroker::answerTo(const MqttPacket& packet) {
    MqttBody body(packet.body);
    switch (packet.type) {
        case Type::Connect: {
            body.text();  // "MQTT"
            level_ = body.byte();
            const std::lock_guard lock(mutex_);
            levels_.push_back(level_);
            return textOf(behaviour_.connack(level_));
        }
        case Type::Subscribe: {
            MqttPacket answer{.type = Type::Suback};
            answer.word(body.word());
            if (level_ == 5) answer.variable(0);
            return answer.byte(behaviour_.suback).bytes() + textOf(behaviour_.afterSuback);
        }
        case Type::Pingreq:
            return MqttPacket{.type = Type::Pingresp}.bytes();
        default:
            return {};
    }
}

}  // namespace sluice::test
