// sluice_floor: what sending the same bytes costs at least. Bare epoll, one thread, at most 250
// lines: it accepts, reads request heads, and sends each due event to all sockets of its channel,
// once per event or coalesced. No history but a ring for the storm row.
//   sluice_floor [--rate R] [--size BYTES] [--channels C] [--mode each|coalesced]
//                [--fault skip|double]      clients ask for /.../CHANNEL, 0 to C-1
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

constexpr std::size_t kIdBytes = 60;  // as long as an id of one lane
constexpr std::uint64_t kRingEvents = 4096, kFaultEvery = 10;
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Options {
    double rate = 100;
    std::size_t size = 200, channels = 1;
    bool coalesced = false, skip = false, twice = false;
};

struct Client {
    int fd;
    std::list<Client>::iterator self{};
    std::string rest{};  // what the socket did not take
    bool streaming = false;
    std::size_t channel = 0, place = 0;  // place: among the channel's members
};

struct Channel {
    std::vector<Client*> members;
    std::string due;  // mode coalesced
};

std::int64_t nowUs() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

class Floor {
  public:
    explicit Floor(const Options& options)
        : options_(options), channels_(options.channels), ring_(kRingEvents) {
        listen();
        startPacer();
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 1024> events;
        while (true) {
            const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                if (event.data.ptr == nullptr) {
                    accept();
                } else if (event.data.ptr == this) {
                    if (std::uint64_t ticks = 0; read(timer_, &ticks, sizeof ticks) < 0)
                        std::abort();
                } else {
                    onSocket(*static_cast<Client*>(event.data.ptr), event.events);
                }
            }
            gone_.clear();
            publishDue();
        }
    }

  private:
    void listen() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const plain = static_cast<sockaddr*>(static_cast<void*>(&address));
        if (bind(listener_, plain, length) != 0 || ::listen(listener_, 65535) != 0) std::abort();
        getsockname(listener_, plain, &length);
        add(listener_, nullptr, EPOLLIN);
        std::fprintf(stderr, "listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    }

    void startPacer() {
        const long interval = std::max(std::lround(1e9 / options_.rate), 50'000L);
        constexpr long kSecond = 1'000'000'000, kMillisecond = 1'000'000;
        const itimerspec times{{interval / kSecond, interval % kSecond}, {0, kMillisecond}};
        add(timer_, this, EPOLLIN);
        start_ = nowUs() + 1000;
        timerfd_settime(timer_, 0, &times, nullptr);
    }

    void add(int fd, void* who, std::uint32_t events) const {
        epoll_event event{.events = events, .data = {.ptr = who}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    void accept() {
        int fd = 0;
        while ((fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
            const int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            Client& client = clients_.emplace_front(Client{.fd = fd});
            client.self = clients_.begin();
            add(fd, &client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
        }
    }

    void onSocket(Client& client, std::uint32_t events) {
        if (client.fd < 0) return;
        if ((events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) return drop(client);
        if ((events & EPOLLOUT) != 0 && !client.rest.empty()) send(client, {});
        if ((events & EPOLLIN) != 0 && !client.streaming) readHead(client);
    }

    // A head comes in one piece: the tester sends it so, and loopback does not cut it.
    void readHead(Client& client) {
        std::array<char, 4096> buffer;
        const ssize_t count = recv(client.fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) return;
        const std::string head(buffer.data(), static_cast<std::size_t>(count));
        const std::size_t slash = head.find_last_of('/', head.find(' ', 4));
        client.channel = std::strtoul(&head[slash + 1], nullptr, 10) % options_.channels;
        client.streaming = true;
        client.place = channels_[client.channel].members.size();
        channels_[client.channel].members.push_back(&client);
        std::string first(kResponse);
        replay(client.channel, head, first);
        send(client, first);
    }

    // Appends what the ring has behind the position of Last-Event-ID ("1.EPOCH.SEQ.TIME...").
    void replay(std::size_t channel, const std::string& head, std::string& out) const {
        constexpr std::string_view kHeader = "Last-Event-ID: 1.floorflo.";
        const std::size_t at = head.find(kHeader);
        if (at == std::string::npos) return;
        const std::uint64_t seq = std::stoull(head.substr(at + kHeader.size(), 16), nullptr, 16);
        std::uint64_t event = (seq + 1) * options_.channels + channel;
        for (; event < next_; event += options_.channels) {
            if (event + ring_.size() >= next_) out += ring_[event % ring_.size()];
        }
    }

    void drop(Client& client) {
        if (client.streaming) {
            std::vector<Client*>& members = channels_[client.channel].members;
            members[client.place] = members.back();
            members[client.place]->place = client.place;
            members.pop_back();
        }
        close(std::exchange(client.fd, -1));
        gone_.splice(gone_.end(), clients_, client.self);  // events of this turn may still name it
    }

    void publishDue() {
        for (const std::int64_t now = nowUs(); dueUs(next_) <= now; ++next_) {
            publish(channels_[next_ % options_.channels], next_ / options_.channels);
        }
        for (Channel* channel : touched_) {
            for (Client* client : channel->members) send(*client, channel->due);
            channel->due.clear();
        }
        touched_.clear();
    }

    std::int64_t dueUs(std::uint64_t event) const {
        return start_ + static_cast<std::int64_t>(static_cast<double>(event) * 1e6 / options_.rate);
    }

    void publish(Channel& channel, std::uint64_t seq) {
        std::string& slot = ring_[next_ % ring_.size()];
        compose(slot, seq, dueUs(next_));
        const bool fault = seq % kFaultEvery == kFaultEvery - 1;
        if (fault && options_.skip) return slot.clear();
        if (fault && options_.twice) slot += std::string(slot);
        if (options_.coalesced) {
            if (channel.due.empty()) touched_.push_back(&channel);
            channel.due += slot;
        } else {
            for (Client* client : channel.members) send(*client, slot);
        }
    }

    void compose(std::string& out, std::uint64_t seq, std::int64_t due) {
        block_ = "data: {\"seq\":" + std::to_string(seq) + ",\"due\":" + std::to_string(due);
        block_ += ",\"pad\":\"";
        block_.resize(std::max(block_.size(), options_.size + 4), 'x');  // +4: "data: " less `"}`
        std::array<char, 96> id;
        const int length =
            std::snprintf(id.data(), id.size(), "1.floorflo.%lx.%lx~", seq, due / 1000);
        block_.append("\"}\nid: ").append(id.data());
        block_.append(kIdBytes - std::min(kIdBytes, static_cast<std::size_t>(length)), 'A');
        block_ += "\n\n";
        std::snprintf(id.data(), id.size(), "%zx\r\n", block_.size());
        out.assign(id.data()).append(block_).append("\r\n");
    }

    // A broken socket is noticed by its EPOLLHUP.
    void send(Client& client, std::string_view bytes) {
        if (!client.rest.empty()) bytes = client.rest.append(bytes);
        const ssize_t sent = ::send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
        if (taken < bytes.size() || !client.rest.empty()) client.rest = bytes.substr(taken);
    }

    const Options options_;
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    const int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::int64_t start_ = 0;
    std::uint64_t next_ = 0;  // number of the next event, over all channels
    std::string block_;
    std::list<Client> clients_, gone_;
    std::vector<Channel> channels_;
    std::vector<Channel*> touched_;
    std::vector<std::string> ring_;  // the newest events as sent
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--rate") options.rate = std::stod(value);
        if (name == "--size") options.size = std::stoul(value);
        if (name == "--channels") options.channels = std::stoul(value);
        if (name == "--mode") options.coalesced = value == "coalesced";
        if (name == "--fault") (value == "skip" ? options.skip : options.twice) = true;
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    Floor(parse(argc, argv)).run();
}
