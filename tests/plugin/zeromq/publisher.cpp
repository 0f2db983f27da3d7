// zeromq_publisher: sends numbered messages, for tests and for the benchmark.
//   zeromq_publisher ENDPOINT [--connect] [--push] [--topic NAME] [--topics N] [--rate N] [--count
//   N]
//                    [--bytes N] [--numbered] [-- COMMAND...]
// Binds, or connects, a PUB or PUSH socket and sends [topic, {"seq":N}] and, if numbered, N as a
// third frame, until it is killed or all were sent; then it waits to be killed. Prints the
// endpoint. With a command it ends when that does, with its exit status.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.hpp>

#include "support/OrderPayload.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Order {
    std::string endpoint, topic = "tick";
    bool connects = false, pushes = false, isNumbered = false;
    std::uint64_t rate = 0, count = 0, topics = 1;  // 0: as fast as it can, endless
    std::size_t bytes = 0;
    std::vector<char*> command;
};

Order read(int count, char** arguments) {
    if (count < 2) throw std::runtime_error("wants an endpoint");
    Order order;
    order.endpoint = arguments[1];
    for (int i = 2; i < count; ++i) {
        const std::string_view name = arguments[i];
        const auto value = [&] {
            if (i + 1 >= count) throw std::runtime_error("an option lacks its value");
            return std::string(arguments[++i]);
        };
        if (name == "--connect")
            order.connects = true;
        else if (name == "--push")
            order.pushes = true;
        else if (name == "--numbered")
            order.isNumbered = true;
        else if (name == "--topic")
            order.topic = value();
        else if (name == "--topics")
            order.topics = std::stoull(value());
        else if (name == "--rate")
            order.rate = std::stoull(value());
        else if (name == "--count")
            order.count = std::stoull(value());
        else if (name == "--bytes")
            order.bytes = std::stoul(value());
        else if (name == "--")
            order.command.assign(arguments + i + 1, arguments + count);
        else
            throw std::runtime_error("knows no option " + std::string(name));
        if (name == "--") break;
    }
    return order;
}

/// Runs beside the sending; -1: there is no command.
pid_t run(std::vector<char*> command) {
    if (command.empty()) return -1;
    const pid_t pid = fork();
    if (pid != 0) return pid;
    command.push_back(nullptr);
    execv(command[0], command.data());
    _exit(127);
}

/// Whether the command has ended, and how.
bool hasEnded(pid_t pid, int& status) {
    if (pid < 0 || waitpid(pid, &status, WNOHANG) != pid) return false;
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

class Publisher {
  public:
    explicit Publisher(const Order& order)
        : order_(order),
          socket_(context_, order.pushes ? zmq::socket_type::push : zmq::socket_type::pub) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::sndhwm, 100'000);
        if (order.connects)
            socket_.connect(order.endpoint);
        else
            socket_.bind(order.endpoint);
        std::printf("at %s\n", socket_.get(zmq::sockopt::last_endpoint).c_str());
        std::fflush(stdout);
    }

    bool isDone() const { return order_.count > 0 && sent_ == order_.count; }

    /// Sends what is due, at most a thousand.
    void send() {
        const std::uint64_t due = order_.rate == 0 ? sent_ + 1'000 : dueNow();
        for (int i = 0; i < 1'000 && sent_ < due && !isDone(); ++i)
            if (!sendNext()) return;
    }

  private:
    std::uint64_t dueNow() const {
        const std::chrono::duration<double> since = Clock::now() - began_;
        return static_cast<std::uint64_t>(since.count() * static_cast<double>(order_.rate));
    }

    bool sendNext() {
        topic_ = order_.topic;
        if (order_.topics > 1) topic_ += "." + std::to_string(sent_ % order_.topics);
        payload_ = order_.bytes > 0 ? sluice::test::orderPayload(sent_, order_.bytes)
                                    : "{\"seq\":" + std::to_string(sent_) + '}';
        // A PUSH socket without room has to wait, and must hear its command end.
        if (!socket_.send(zmq::buffer(topic_),
                          zmq::send_flags::sndmore | zmq::send_flags::dontwait))
            return false;
        const auto last = zmq::send_flags::none;
        (void)socket_.send(zmq::buffer(payload_),
                           order_.isNumbered ? zmq::send_flags::sndmore : last);
        if (order_.isNumbered) (void)socket_.send(zmq::buffer(std::to_string(sent_)), last);
        ++sent_;
        return true;
    }

    const Order& order_;
    zmq::context_t context_;
    zmq::socket_t socket_;
    const Clock::time_point began_ = Clock::now();
    std::uint64_t sent_ = 0;
    std::string topic_, payload_;
};

}  // namespace

int main(int count, char** arguments) {
    try {
        const Order order = read(count, arguments);
        const pid_t command = run(order.command);
        Publisher publisher(order);
        int status = 0;
        while (!hasEnded(command, status)) {
            publisher.send();
            const bool rests = order.rate > 0 || publisher.isDone();
            const timespec pause{0, 1'000'000};
            if (rests) nanosleep(&pause, nullptr);
        }
        return status;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "zeromq_publisher: %s\n", error.what());
        return 2;
    }
}
