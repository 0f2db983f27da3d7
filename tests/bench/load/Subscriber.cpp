#include "Subscriber.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace sluice::bench {
namespace {

// Takes `prefix` and the number behind it off the front of text.
template <typename Number>
bool takeNumber(std::string_view& text, std::string_view prefix, Number& number) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

std::int64_t nowUs() {
    using std::chrono::system_clock;
    const auto since = system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

Subscriber::Subscriber(Tally& tally, std::size_t channel, std::string target,
                       const std::string& host)
    : tally_(tally), channel_(channel), target_(std::move(target)), host_(host) {}

Subscriber::~Subscriber() {
    close(true);
}

int Subscriber::connect(const sockaddr_in& server, int receiveBufferBytes) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return -1;
    if (receiveBufferBytes > 0) {
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, sizeof receiveBufferBytes);
    }
    sockaddr_in address = server;
    void* const untyped = &address;
    const int result = ::connect(fd_, static_cast<sockaddr*>(untyped), sizeof address);
    if (result < 0 && errno != EINPROGRESS) {
        const int error = errno;
        close(true);
        errno = error;
        return -1;
    }
    response_.reset();
    state_ = State::kConnecting;
    return fd_;
}

bool Subscriber::sendRequest() {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return fail("cannot connect");
    std::string request = "GET " + target_ + " HTTP/1.1\r\nHost: " + host_ +
                          "\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n";
    if (!response_.lastId().empty()) request += "Last-Event-ID: " + response_.lastId() + "\r\n";
    request += "\r\n";
    requestSentUs_ = nowUs();
    // An empty socket takes a request of this size whole.
    const ssize_t sent = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) return fail("cannot send the request");
    state_ = State::kOpening;
    return true;
}

bool Subscriber::read(char* buffer, std::size_t bufferBytes) {
    // One read per wake-up: a subscriber that always has more must not keep the others waiting.
    const ssize_t count = ::recv(fd_, buffer, bufferBytes, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) {
        close(false);
        return false;
    }
    tally_.readAtUs = nowUs();
    const auto bytes = static_cast<std::size_t>(count);
    tally_.receivedBytes += bytes;
    if (!response_.feed(std::string_view(buffer, bytes), *this)) return fail(response_.problem());
    if (response_.hasHead()) state_ = State::kStreaming;
    if (!response_.ended()) return true;
    close(false);
    return false;
}

bool Subscriber::fail(const char* problem) {
    if (tally_.firstProblem.empty()) tally_.firstProblem = problem;
    close(false);
    return false;
}

void Subscriber::close(bool reset) {
    if (fd_ < 0) return;
    if (reset) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    ::close(std::exchange(fd_, -1));
    state_ = State::kClosed;
}

void Subscriber::onEvent(const SseEvent& event) {
    std::string_view rest = event.dataHead;
    std::uint64_t seq = 0;
    std::int64_t dueUs = 0;
    if (takeNumber(rest, "{\"seq\":", seq) && takeNumber(rest, ",\"due\":", dueUs)) {
        return onMeasured(seq, dueUs);
    }
    if (!event.type.starts_with("sluice.")) {
        ++tally_.foreign;
        return;
    }
    ++tally_.control;
    if (event.type != "sluice.gap") return;
    if (tally_.gaps++ == 0) tally_.firstGap = event.dataHead;
}

void Subscriber::onMeasured(std::uint64_t seq, std::int64_t dueUs) {
    const bool next = audit_.started() && seq == audit_.next();
    audit_.see(seq);
    if (next) intervalUs_ = dueUs - lastDueUs_;
    if (dueUs > lastDueUs_) lastDueUs_ = dueUs;
    if (dueUs < tally_.startUs || dueUs >= tally_.endUs) return;
    ++tally_.delivered;
    tally_.latency.add(tally_.readAtUs - dueUs);
    Tally::Channel& published = tally_.channels[channel_];
    if (seq < published.first) published.first = seq;
    if (seq > published.last) published.last = seq;
}

bool Subscriber::caughtUp() const {
    return state_ == State::kStreaming && lastDueUs_ + intervalUs_ > requestSentUs_;
}

void Subscriber::finish(const Tally::Channel& published) {
    if (published.seen()) audit_.expect(published.first, published.last);
}

}  // namespace sluice::bench
