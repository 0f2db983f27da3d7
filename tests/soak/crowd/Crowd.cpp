#include "Crowd.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace sluice::soak {
namespace {

constexpr std::size_t kReadBufferBytes = 64 * 1024;
constexpr std::size_t kEventsPerTurn = 256;
constexpr std::size_t kCommandBytesMax = 1 << 20;
constexpr std::int64_t kRetryUs = 100'000;   // a refused connection is tried again
constexpr std::int64_t kLingerUs = 500'000;  // at the end: what may come again
constexpr int kTurnMs = 5;
constexpr std::uint64_t kCommands = ~std::uint64_t{0};  // the epoll word of standard input
using State = bench::Connection::State;

std::int64_t nowUs() {
    using std::chrono::steady_clock;
    const auto since = steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return result + '"';
}

std::vector<std::uint64_t> numbers(std::string_view text) {
    std::vector<std::uint64_t> found;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        if (*at == ' ') {
            ++at;
            continue;
        }
        std::uint64_t value = 0;
        const auto [stop, error] = std::from_chars(at, end, value);
        if (error != std::errc{}) throw std::runtime_error("end wants numbers");
        found.push_back(value);
        at = stop;
    }
    return found;
}

}  // namespace

Crowd::Crowd(const CrowdOptions& options) : options_(options), buffer_(kReadBufferBytes) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kCommands}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    for (std::size_t i = 0; i < options_.clients; ++i) {
        places_.push_back({std::make_unique<Client>(options_, findings_, i)});
        schedule(i, static_cast<std::int64_t>(i) * 200);
    }
}

Crowd::~Crowd() {
    places_.clear();
    ::close(epoll_);
}

const Findings& Crowd::run() {
    const std::int64_t connectBy =
        nowUs() + static_cast<std::int64_t>(options_.patienceSeconds * 1e6);
    while (!allHaveIds()) {
        if (nowUs() > connectBy) {
            throw std::runtime_error("not all could connect: " + findings_.lastRefusal);
        }
        turn();
    }
    say("ready");
    while (totals_.empty() || (!allHaveAll() && nowUs() < giveUpUs_)) turn();
    const std::int64_t lingerUntil = nowUs() + kLingerUs;
    while (nowUs() < lingerUntil) turn();
    for (std::size_t i = 0; i < places_.size(); ++i) {
        places_[i].client->audit().finish(totals_, findings_, i);
    }
    say("end");
    return findings_;
}

void Crowd::turn() {
    while (!due_.empty() && due_.top().atUs <= nowUs()) {
        const Due due = due_.top();
        due_.pop();
        if (places_[due.client].life == due.life) onDue(due.client);
    }
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kTurnMs);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t word = events[static_cast<std::size_t>(i)].data.u64;
        if (word == kCommands) {
            readCommands();
        } else {
            onReady(word);
        }
    }
}

// A client without a connection makes one; one that has stayed long enough is cut.
void Crowd::onDue(std::size_t index) {
    Client& client = *places_[index].client;
    const bool isThere = client.connection().fd() >= 0;
    if (!isThere) return connect(index);
    if (!cuts_ || !client.hasId()) return schedule(index, client.stayUs());
    client.cut(buffer_.data(), buffer_.size());
    ended(index);
}

void Crowd::connect(std::size_t index) {
    bench::Connection& connection = places_[index].client->connection();
    if (connection.connect(options_.server, 0) < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            throw std::runtime_error("open-file limit reached: raise it with ulimit -n");
        }
        return ended(index);
    }
    epoll_event event{.events = EPOLLOUT, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd(), &event);
}

void Crowd::onReady(std::size_t index) {
    Client& client = *places_[index].client;
    if (client.connection().state() == State::kConnecting) return onConnected(index);
    if (client.connection().fd() < 0) return;  // closed by an earlier event of this turn
    if (client.read(buffer_.data(), buffer_.size())) return;
    ended(index);
}

void Crowd::onConnected(std::size_t index) {
    Client& client = *places_[index].client;
    if (!client.connection().sendRequest()) return ended(index);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, client.connection().fd(), &event);
    schedule(index, client.stayUs());
}

void Crowd::ended(std::size_t index) {
    Client& client = *places_[index].client;
    const std::string_view problem = client.connection().problem();
    if (problem.empty()) {
        ++findings_.moves;
    } else {
        ++findings_.refused;
        findings_.lastRefusal = problem;
    }
    schedule(index, client.awayUs() + (problem.empty() ? 0 : kRetryUs));
}

void Crowd::schedule(std::size_t index, std::int64_t afterUs) {
    due_.push({nowUs() + afterUs, index, ++places_[index].life});
}

bool Crowd::allHaveIds() {
    while (complete_ < places_.size() && places_[complete_].client->hasId()) ++complete_;
    if (complete_ < places_.size()) return false;
    complete_ = 0;
    return true;
}

bool Crowd::allHaveAll() {
    while (complete_ < places_.size() && places_[complete_].client->audit().hasAll(totals_)) {
        ++complete_;
    }
    return complete_ == places_.size();
}

void Crowd::readCommands() {
    const ssize_t count = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) throw std::runtime_error("standard input ended before `end`");
    commands_.append(buffer_.data(), static_cast<std::size_t>(count));
    if (commands_.size() > kCommandBytesMax) throw std::runtime_error("a line is too long");
    for (std::size_t end = 0; (end = commands_.find('\n')) != std::string::npos;) {
        obey(std::string_view(commands_).substr(0, end));
        commands_.erase(0, end + 1);
    }
}

void Crowd::obey(std::string_view line) {
    if (line == "begin") {
        cuts_ = true;
    } else if (line == "status") {
        say("status");
    } else if (line.starts_with("end ")) {
        totals_ = numbers(line.substr(4));
        if (totals_.size() != options_.sequences) {
            throw std::runtime_error("end wants one number for each sequence");
        }
        cuts_ = false;
        giveUpUs_ = nowUs() + static_cast<std::int64_t>(options_.patienceSeconds * 1e6);
    } else {
        throw std::runtime_error("unknown command: " + std::string(line));
    }
}

std::size_t Crowd::streaming() const {
    std::size_t count = 0;
    for (const Place& place : places_) {
        if (place.client->connection().state() == State::kStreaming) ++count;
    }
    return count;
}

void Crowd::say(std::string_view kind) const {
    std::string text = "{\"kind\": " + quoted(kind);
    const auto add = [&text](const char* name, std::uint64_t value) {
        text += std::string(", \"") + name + "\": " + std::to_string(value);
    };
    add("clients", places_.size());
    add("streaming", streaming());
    add("delivered", findings_.delivered);
    add("lost", findings_.lost);
    add("untold", findings_.untold);
    add("doubled", findings_.doubled);
    add("gaps", findings_.gaps);
    add("foreign", findings_.foreign);
    add("moves", findings_.moves);
    add("refused", findings_.refused);
    text += ", \"first_gap\": " + quoted(findings_.firstGap);
    text += ", \"first_fault\": " + quoted(findings_.firstFault);
    text += ", \"last_refusal\": " + quoted(findings_.lastRefusal) + "}\n";
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace sluice::soak
