#include "redis/FakeServer.h"

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/FreePort.h"

namespace sluice::test {
namespace {

constexpr int kLookMs = 20;  // between two looks at whether it is to stop

bool hasInput(int fd) {
    pollfd wanted{fd, POLLIN, 0};
    return poll(&wanted, 1, kLookMs) > 0;
}

}  // namespace

FakeServer::FakeServer(Answer answer) : answer_{std::move(answer)}, port_{freePort()} {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 16) != 0)
        throw std::runtime_error("cannot listen");
    thread_ = std::thread([this] { serve(); });
}

FakeServer::~FakeServer() {
    isStopping_ = true;
    thread_.join();
    close(listener_);
}

void FakeServer::serve() {
    while (!isStopping_) {
        if (!hasInput(listener_)) continue;
        const int connection = accept(listener_, nullptr, nullptr);
        if (connection < 0) continue;
        ++connections_;
        serve(connection);
        close(connection);
    }
}

void FakeServer::serve(int connection) {
    std::string buffer(std::size_t{64} << 10, '\0');
    while (!isStopping_) {
        if (!hasInput(connection)) continue;
        const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        std::string answer = answer_(buffer.substr(0, static_cast<std::size_t>(got)));
        while (!answer.empty()) {
            const ssize_t sent = send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            answer.erase(0, static_cast<std::size_t>(sent));
        }
    }
}

}  // namespace sluice::test
