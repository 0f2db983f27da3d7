// sluice_post: publishes numbered events at a steady rate by keep-alive POST: the feeder of servers
// that have no input of their own (nginx with nchan).
//   sluice_post URL RATE BYTES CHANNELS
// URL is http://ADDRESS:PORT/PATH, with {i} where the channel's number goes. Runs until it is
// ended; a POST that is not answered with 2xx ends it with status 1.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::system_clock;  // the payload's time is CLOCK_REALTIME

struct Target {
    sockaddr_in address{};
    std::string host, path;
};

Target parse(std::string_view url) {
    const std::size_t begin = std::string_view("http://").size();
    const std::size_t colon = url.find(':', begin), slash = url.find('/', begin);
    if (colon > slash || slash == std::string_view::npos) throw std::runtime_error("bad URL");
    Target target;
    target.host = url.substr(begin, slash - begin);
    target.path = url.substr(slash);
    const std::string address(url.substr(begin, colon - begin));
    const std::string port(url.substr(colon + 1, slash - colon - 1));
    target.address.sin_family = AF_INET;
    target.address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(port)));
    inet_pton(AF_INET, address.c_str(), &target.address.sin_addr);
    return target;
}

class Poster final {
  public:
    explicit Poster(const Target& target) : target_(target) {
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address = target.address;
        auto* const plain = static_cast<sockaddr*>(static_cast<void*>(&address));
        if (connect(fd_, plain, sizeof address) != 0) throw std::runtime_error("cannot connect");
    }
    Poster(const Poster&) = delete;
    Poster& operator=(const Poster&) = delete;
    ~Poster() { close(fd_); }

    void post(std::uint64_t channel, std::string_view body) {
        std::string path = target_.path;
        if (const std::size_t at = path.find("{i}"); at != std::string::npos) {
            path.replace(at, 3, std::to_string(channel));
        }
        request_ =
            "POST " + path + " HTTP/1.1\r\nHost: " + target_.host +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n";
        request_ += body;
        if (send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request_.size())) {
            throw std::runtime_error("cannot send");
        }
        readAnswer();
    }

  private:
    void readAnswer() {
        std::size_t wanted = std::string::npos;
        answer_.clear();
        while (answer_.size() < wanted) {
            std::array<char, 4096> buffer;
            const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
            if (count <= 0) throw std::runtime_error("connection closed");
            answer_.append(buffer.data(), static_cast<std::size_t>(count));
            if (wanted == std::string::npos) wanted = wholeSize();
        }
        if (!answer_.starts_with("HTTP/1.1 2")) throw std::runtime_error("refused: " + answer_);
    }

    // Of head and body; npos while the head is not complete. A body without a length is not read
    // further than its head: none of the servers fed here answers so.
    std::size_t wholeSize() const {
        constexpr std::string_view kLength = "Content-Length: ";
        const std::size_t end = answer_.find("\r\n\r\n");
        if (end == std::string::npos) return end;
        const std::size_t at = answer_.find(kLength);
        if (at == std::string::npos || at > end) return end + 4;
        return end + 4 + std::stoul(answer_.substr(at + kLength.size(), 10));
    }

    const Target target_;
    int fd_ = -1;
    std::string request_, answer_;
};

[[noreturn]] void run(const Target& target, double rate, std::size_t bytes,
                      std::uint64_t channels) {
    Poster poster(target);
    const Clock::time_point start = Clock::now();
    std::string body;
    for (std::uint64_t event = 0;; ++event) {
        const auto after = std::chrono::duration<double>(static_cast<double>(event) / rate);
        const auto due = start + std::chrono::duration_cast<Clock::duration>(after);
        std::this_thread::sleep_until(due);
        const auto dueUs =
            std::chrono::duration_cast<std::chrono::microseconds>(due.time_since_epoch()).count();
        body = "{\"seq\":" + std::to_string(event / channels) +
               ",\"due\":" + std::to_string(dueUs) + ",\"pad\":\"";
        body.resize(std::max(body.size(), bytes - 2), 'x');
        body += "\"}";
        poster.post(event % channels, body);
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 5) throw std::runtime_error("wants URL RATE BYTES CHANNELS");
        run(parse(argv[1]), std::stod(argv[2]), std::stoul(argv[3]), std::stoull(argv[4]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sluice_post: %s\n", error.what());
        return 1;
    }
}
