// sluice_zeromq_loop: what libzmq alone costs per message: the bare loop that Sluice's ZeroMQ input
// is compared with. Pulls [topic, payload] messages and looks at each frame.
//   sluice_zeromq_loop ENDPOINT MESSAGES     prints one JSON line
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <zmq.hpp>

#include "cpuSeconds.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kSilenceMsMax = 20'000;
constexpr int kHighWaterMark = 10'000;  // the plugin's

// What any reader must look at; the sum keeps the compiler from leaving it out.
std::uint64_t look(const zmq::message_t& frame) {
    return frame.size() + static_cast<unsigned char>(*frame.data<char>());
}

void consume(const std::string& endpoint, std::uint64_t messages) {
    const double cpuBefore = cpuSeconds();
    zmq::context_t context;
    zmq::socket_t socket(context, zmq::socket_type::pull);
    socket.set(zmq::sockopt::rcvhwm, kHighWaterMark);
    socket.set(zmq::sockopt::rcvtimeo, kSilenceMsMax);
    socket.connect(endpoint);
    std::uint64_t sum = 0;
    Clock::time_point first{};
    zmq::message_t frame;
    for (std::uint64_t seen = 0; seen < messages; ++seen) {
        do {
            if (!socket.recv(frame))
                throw std::runtime_error("only " + std::to_string(seen) + " messages came");
            sum += look(frame);
        } while (frame.more());
        if (seen == 0) first = Clock::now();
    }
    const std::chrono::duration<double> seconds = Clock::now() - first;
    std::printf("{\"messages\": %lu, \"seconds\": %.6f, \"cpu_s\": %.6f, \"sum\": %lu}\n", messages,
                seconds.count(), cpuSeconds() - cpuBefore, sum);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3) throw std::runtime_error("wants ENDPOINT MESSAGES");
        consume(argv[1], std::stoull(argv[2]));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_zeromq_loop: %s\n", error.what());
        return 2;
    }
}
