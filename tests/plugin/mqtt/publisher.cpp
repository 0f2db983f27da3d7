#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mqtt/MqttClient.h"
#include "support/ChildProcess.h"
#include "support/MosquittoProcess.h"
#include "support/OrderPayload.h"

/// Publishes messages whose payloads are {"seq":N} from 0 on, for the conformance runner and the
/// benchmark.
///
///     mqtt_publisher [--port P] [--topic T] [--qos Q] [--rate PER_S] [--count N] [--bytes B]
///         [-- COMMAND...]
/// Without a port it runs a Mosquitto of its own. Without a rate it is as fast as it can, without a
/// count it goes on for ever. With a command it ends with that and as that does; in its words
/// @PORT@ is the port.
namespace {

using namespace sluice::test;
using Clock = std::chrono::steady_clock;

struct Order {
    std::uint16_t port = 0;
    std::string topic = "tick";
    int qos = 1;
    std::uint64_t rate = 0, count = 0;
    std::size_t bytes = 0;
    std::vector<std::string> command;
};

Order read(int count, char** arguments) {
    Order order;
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        if (name == "--") {
            order.command.assign(arguments + i + 1, arguments + count);
            break;
        }
        if (i + 1 == count) throw std::runtime_error(name + " wants a value");
        const std::string value = arguments[++i];
        if (name == "--topic")
            order.topic = value;
        else if (name == "--port")
            order.port = static_cast<std::uint16_t>(std::stoul(value));
        else if (name == "--qos")
            order.qos = std::stoi(value);
        else if (name == "--rate")
            order.rate = std::stoul(value);
        else if (name == "--count")
            order.count = std::stoul(value);
        else if (name == "--bytes")
            order.bytes = std::stoul(value);
        else
            throw std::runtime_error("what is " + name + "?");
    }
    return order;
}

std::string payloadOf(std::uint64_t number, std::size_t bytes) {
    if (bytes > 0) return orderPayload(number, bytes);
    return "{\"seq\":" + std::to_string(number) + '}';
}

std::vector<std::string> withPort(std::vector<std::string> words, std::uint16_t port) {
    constexpr const char* kPort = "@PORT@";
    for (std::string& word : words)
        if (const auto at = word.find(kPort); at != std::string::npos)
            word.replace(at, std::string(kPort).size(), std::to_string(port));
    return words;
}

/// Publishes until all is done or `isOver`.
template <class IsOver>
void publish(const Order& order, MqttClient& client, IsOver isOver) {
    constexpr std::uint64_t kAtOnce = 500;
    const auto began = Clock::now();
    for (std::uint64_t sent = 0; !isOver();) {
        const std::chrono::duration<double> since = Clock::now() - began;
        std::uint64_t due = sent + kAtOnce;
        if (order.rate > 0)
            due = std::min(
                due, static_cast<std::uint64_t>(since.count() * static_cast<double>(order.rate)));
        if (order.count > 0) due = std::min(due, order.count);
        if (due <= sent) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        for (; sent < due; ++sent)
            client.publishSoon(
                {.topic = order.topic, .payload = payloadOf(sent, order.bytes), .qos = order.qos});
        client.settle();
        if (order.count > 0 && sent == order.count && order.command.empty()) return;
    }
}

}  // namespace

int main(int count, char** arguments) {
    try {
        Order order = read(count, arguments);
        std::unique_ptr<MosquittoProcess> broker;
        if (order.port == 0) {
            broker = std::make_unique<MosquittoProcess>();
            order.port = broker->port();
        }
        MqttClient client(order.port, {.id = "mqtt_publisher"});
        ChildProcess command;
        if (!order.command.empty()) command.start(withPort(order.command, order.port));
        publish(order, client, [&] { return !order.command.empty() && !command.isRunning(); });
        if (order.command.empty()) return 0;
        std::fputs(command.log().c_str(), stdout);
        return command.wait().value_or(1);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mqtt_publisher: %s\n", error.what());
        return 2;
    }
}
