// sluice_catch_up_floor: what sending a history costs at least. Bare epoll, one thread: whoever
// asks gets the same ready bytes, as many events in as many bytes as told, as fast as its socket
// takes them, and is closed.
//   sluice_catch_up_floor --events N --bytes TOTAL
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t kSliceBytes = 256 * 1024;  // then it is another reader's turn

struct Client {
    int fd;
    std::size_t at = 0;  // how much of the answer it has
    bool hasAsked = false;
};

std::string answerOf(std::size_t events, std::size_t bytes) {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string end = "0\r\n\r\n";
    for (std::size_t seq = 0; seq < events; ++seq) {
        const std::size_t left = bytes - std::min(bytes, text.size() + end.size());
        const std::size_t size = left / (events - seq);  // of this chunk, framed
        std::string block = "data: {\"seq\":" + std::to_string(seq) + ",\"pad\":\"";
        const std::string tail = "\"}\nid: 1\n\n";
        constexpr std::size_t kFraming = 6;  // two digits and two line ends
        block.append(size - std::min(size, block.size() + tail.size() + kFraming), 'x');
        block += tail;
        std::array<char, 24> head;
        std::snprintf(head.data(), head.size(), "%zx\r\n", block.size());
        text.append(head.data()).append(block).append("\r\n");
    }
    return text + end;
}

class Floor {
  public:
    explicit Floor(std::string answer) : answer_(std::move(answer)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const plain = static_cast<sockaddr*>(static_cast<void*>(&address));
        if (bind(listener_, plain, length) != 0 || listen(listener_, 65535) != 0) std::abort();
        getsockname(listener_, plain, &length);
        watch(EPOLL_CTL_ADD, listener_, nullptr, EPOLLIN);
        std::fprintf(stderr, "listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        while (true) {
            const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                if (event.data.ptr == nullptr)
                    accept();
                else
                    serve(*static_cast<Client*>(event.data.ptr));
            }
        }
    }

  private:
    void watch(int operation, int fd, Client* client, std::uint32_t wanted) const {
        epoll_event event{.events = wanted, .data = {.ptr = client}};
        epoll_ctl(epoll_, operation, fd, &event);
    }

    void accept() {
        int fd = 0;
        while ((fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
            const int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            clients_.push_back(std::make_unique<Client>(Client{.fd = fd}));
            watch(EPOLL_CTL_ADD, fd, clients_.back().get(), EPOLLIN);
        }
    }

    // A head comes in one piece: the tester sends it so, and loopback does not cut it.
    void serve(Client& client) {
        if (!client.hasAsked) {
            std::array<char, 8192> head;
            if (recv(client.fd, head.data(), head.size(), 0) <= 0) return end(client);
            client.hasAsked = true;
            watch(EPOLL_CTL_MOD, client.fd, &client, EPOLLOUT);
        }
        const std::size_t slice = std::min(kSliceBytes, answer_.size() - client.at);
        const ssize_t sent = send(client.fd, answer_.data() + client.at, slice, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? void() : end(client);
        client.at += static_cast<std::size_t>(sent);
        if (client.at == answer_.size()) end(client);
    }

    static void end(Client& client) {
        close(client.fd);
        client.fd = -1;
    }

    const std::string answer_;
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

int main(int argc, char** argv) {
    std::size_t events = 1, bytes = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        if (name == "--events") events = std::stoul(argv[i + 1]);
        if (name == "--bytes") bytes = std::stoul(argv[i + 1]);
    }
    Floor(answerOf(events, bytes)).run();
}
