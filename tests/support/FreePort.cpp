#include "support/FreePort.h"

#include <random>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::test {
namespace {

constexpr std::uint16_t kLowest = 15'000, kHighest = 32'000;  // Linux: outgoing from 32,768
constexpr int kTries = 1'000;

template <class Call>
bool succeeds(Call call, std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int result = call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    close(fd);
    return result == 0;
}

}  // namespace

std::uint16_t freePort() {
    std::random_device dice;
    std::uniform_int_distribution<std::uint16_t> any(kLowest, kHighest);
    for (int i = 0; i < kTries; ++i)
        if (const auto port = any(dice); succeeds(bind, port)) return port;
    throw std::runtime_error("no free port");
}

bool acceptsConnections(std::uint16_t port) {
    return succeeds(connect, port);
}

}  // namespace sluice::test
