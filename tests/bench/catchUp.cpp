// sluice_catch_up: many readers that come back at once, all with the same last id, to a stream that
// the server ends after a number of events. Prints one line of JSON: how long until all have ended,
// what that cost, and what the audit of some of them found. The others throw away what comes
// without looking at it, so that the reading side is not what is measured.
//   sluice_catch_up --server ADDRESS:PORT --target PATH [--last-id ID] [--subscribers N]
//                   [--audit-every N] [--events N] [--pid PID] [--seconds MOST]
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "Connection.h"
#include "ProcessFigures.h"
#include "SequenceAudit.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

struct Options {
    sockaddr_in server{};
    std::string host, target = "/", lastId;
    std::size_t subscribers = 1, auditEvery = 50, events = 1;
    double seconds = 60;
    std::vector<pid_t> pids;
};

double now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

// Counts what comes; the audited ones parse it.
class Reader final : public SseSink {
  public:
    Reader(const Options& options, bool isAudited)
        : connection_(options.target, options.host), isAudited_(isAudited) {
        connection_.goOnAfter(options.lastId);
    }

    Connection& connection() { return connection_; }
    const SequenceAudit& audit() const { return audit_; }
    bool isAudited() const { return isAudited_; }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t gaps() const { return gaps_; }

    // False: the server has ended it.
    bool read(std::vector<char>& buffer) {
        if (!isAudited_) return discard();
        const std::ptrdiff_t count = connection_.receive(buffer.data(), buffer.size());
        if (count <= 0) return count == 0;
        bytes_ += static_cast<std::uint64_t>(count);
        return connection_.take({buffer.data(), static_cast<std::size_t>(count)}, *this);
    }

  private:
    bool discard() {
        const ssize_t count = ::recv(connection_.fd(), nullptr, kReadBytes, MSG_TRUNC);
        if (count > 0) bytes_ += static_cast<std::uint64_t>(count);
        if (count > 0 || (count < 0 && errno == EAGAIN)) return true;
        connection_.close(false);
        return false;
    }

    void onEvent(const SseEvent& event) override {
        if (event.type == "sluice.gap") ++gaps_;
        constexpr std::string_view kBefore = "{\"seq\":";
        if (!event.dataHead.starts_with(kBefore)) return;
        std::uint64_t seq = 0;
        std::from_chars(event.dataHead.data() + kBefore.size(),
                        event.dataHead.data() + event.dataHead.size(), seq);
        audit_.see(seq);
    }

    Connection connection_;
    const bool isAudited_;
    SequenceAudit audit_;
    std::uint64_t bytes_ = 0, gaps_ = 0;
};

class Run {
  public:
    explicit Run(const Options& options) : options_(options), buffer_(kReadBytes) {
        for (std::size_t i = 0; i < options.subscribers; ++i)
            readers_.push_back(std::make_unique<Reader>(options, i % options.auditEvery == 0));
    }

    // Until all have been ended, or the time is over.
    void go() {
        const double started = now(), server = cpuSeconds(options_.pids);
        const std::array<pid_t, 1> self{getpid()};
        for (std::size_t i = 0; i < readers_.size(); ++i) connect(i);
        while (ended_ < readers_.size() && now() < started + options_.seconds) turn();
        seconds_ = now() - started;
        serverCpu_ = cpuSeconds(options_.pids) - server;
        testerCpu_ = cpuSeconds(self);
    }

    void print() const {
        std::uint64_t audited = 0, received = 0, wrong = 0, gaps = 0, bytes = 0, missing = 0;
        for (const auto& reader : readers_) {
            bytes += reader->bytes();
            if (!reader->isAudited()) continue;
            const SequenceAudit& audit = reader->audit();
            ++audited;
            received += audit.received();
            wrong += audit.doubled() + audit.reordered();
            missing += audit.missing();
            gaps += reader->gaps();
            if (audit.received() < options_.events) missing += options_.events - audit.received();
        }
        std::printf(
            "{\"subscribers\": %zu, \"ended\": %zu, \"audited\": %lu, \"received\": %lu, "
            "\"missing\": %lu, \"doubled\": %lu, \"gaps\": %lu, \"bytes\": %lu, "
            "\"ended_s\": %.4f, \"server_cpu_s\": %.3f, \"tester_cpu_s\": %.3f}\n",
            readers_.size(), ended_, audited, received, missing, wrong, gaps, bytes, seconds_,
            serverCpu_, testerCpu_);
    }

  private:
    void connect(std::size_t index) {
        Connection& connection = readers_[index]->connection();
        const int fd = connection.connect(options_.server, 0);
        if (fd < 0) {
            std::perror("sluice_catch_up: connect");
            std::exit(2);
        }
        epoll_event event{.events = EPOLLOUT, .data = {.u64 = index}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    void turn() {
        std::array<epoll_event, 256> events;
        const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
        for (int i = 0; i < count; ++i) onReady(events[static_cast<std::size_t>(i)].data.u64);
    }

    void onReady(std::size_t index) {
        Reader& reader = *readers_[index];
        if (reader.connection().state() != Connection::State::kConnecting) {
            if (!reader.read(buffer_)) ++ended_;
            return;
        }
        if (!reader.connection().sendRequest()) {
            std::fprintf(stderr, "sluice_catch_up: %s\n", reader.connection().problem());
            std::exit(2);
        }
        epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
        epoll_ctl(epoll_, EPOLL_CTL_MOD, reader.connection().fd(), &event);
    }

    const Options& options_;
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    std::vector<char> buffer_;
    std::vector<std::unique_ptr<Reader>> readers_;
    std::size_t ended_ = 0;
    double seconds_ = 0, serverCpu_ = 0, testerCpu_ = 0;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--server") {
            const std::size_t colon = value.find(':');
            options.host = value;
            options.server.sin_family = AF_INET;
            inet_pton(AF_INET, value.substr(0, colon).c_str(), &options.server.sin_addr);
            options.server.sin_port =
                htons(static_cast<std::uint16_t>(std::stoul(value.substr(colon + 1))));
        }
        if (name == "--target") options.target = value;
        if (name == "--last-id") options.lastId = value;
        if (name == "--subscribers") options.subscribers = std::stoul(value);
        if (name == "--audit-every") options.auditEvery = std::stoul(value);
        if (name == "--events") options.events = std::stoul(value);
        if (name == "--seconds") options.seconds = std::stod(value);
        if (name == "--pid") options.pids.push_back(static_cast<pid_t>(std::stol(value)));
    }
    return options;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
    const sluice::bench::Options options = sluice::bench::parse(argc, argv);
    sluice::bench::Run run(options);
    run.go();
    run.print();
}
