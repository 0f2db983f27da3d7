#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "redis/RedisServer.h"
#include "support/ChildProcess.h"

/// Runs a command beside a Redis of its own and feeds the channel `tick` and the stream `ticks`
/// with
/// {"seq":N} until the command ends, and ends as that does. In its words @PORT@ is the port.
///
///     redis_publisher [--rate PER_S] -- COMMAND...
namespace {

using namespace sluice::test;
using Clock = std::chrono::steady_clock;

struct Order {
    double rate = 1'000;
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
        if (name != "--rate" || i + 1 == count)
            throw std::runtime_error("wants [--rate PER_S] -- COMMAND...");
        order.rate = std::stod(arguments[++i]);
    }
    if (order.command.empty()) throw std::runtime_error("wants a command behind --");
    return order;
}

void replacePort(std::vector<std::string>& words, std::uint16_t port) {
    constexpr std::string_view kPort = "@PORT@";
    for (std::string& word : words)
        if (const auto at = word.find(kPort); at != std::string::npos)
            word.replace(at, kPort.size(), std::to_string(port));
}

void feed(RedisServer& redis, double rate, ChildProcess& command) {
    constexpr std::size_t kAtOnce = 500;
    const auto began = Clock::now();
    for (std::size_t sent = 0; command.isRunning();) {
        const std::chrono::duration<double> since = Clock::now() - began;
        const auto due = static_cast<std::size_t>(since.count() * rate);
        std::vector<RedisServer::Words> commands;
        for (; sent < due && commands.size() < 2 * kAtOnce; ++sent) {
            const std::string seq = std::to_string(sent);
            commands.push_back({"PUBLISH", "tick", "{\"seq\":" + seq + "}"});
            commands.push_back({"XADD", "ticks", "*", "seq", seq});
        }
        redis.all(commands);
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

}  // namespace

int main(int count, char** arguments) {
    try {
        Order order = read(count, arguments);
        RedisServer redis;
        replacePort(order.command, redis.port());
        ChildProcess command;
        command.start(order.command);
        feed(redis, order.rate, command);
        std::fputs(command.log().c_str(), stdout);
        return command.wait().value_or(1);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "redis_publisher: %s\n", error.what());
        return 2;
    }
}
