#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <netinet/in.h>

#include "ResponseReader.h"
#include "SequenceAudit.h"
#include "Tally.h"

namespace sluice::bench {

// One reader of one channel over its connections. It owns its socket; the loop that drives it owns
// the epoll descriptor and tells it when the socket is writable and readable. One thread.
class Subscriber final : private SseSink {
  public:
    enum class State { kIdle, kConnecting, kOpening, kStreaming, kClosed };

    // `target` is path and query of the request, `host` its Host header. REQUIRES: tally outlives
    // this; channel indexes tally.channels.
    Subscriber(Tally& tally, std::size_t channel, std::string target, const std::string& host);
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    ~Subscriber();

    // Starts a connection without waiting; receiveBufferBytes 0 leaves the kernel's default.
    // Returns the socket, or -1 with errno set. REQUIRES: no connection.
    int connect(const sockaddr_in& server, int receiveBufferBytes);

    // The socket became writable: sends the request, with the last id when there is one. Returns
    // false when the connection failed (it is closed then).
    bool sendRequest();

    // Reads until the socket is empty or the buffer was not filled. Returns false when the
    // connection has ended for whatever reason (it is closed then).
    bool read(char* buffer, std::size_t bufferBytes);

    // Closes; with reset, by RST and without TIME_WAIT.
    void close(bool reset);

    // At the end of a run: sets the audit against what the source is known to have published.
    void finish(const Tally::Channel& published);

    State state() const { return state_; }
    int fd() const { return fd_; }
    std::size_t channel() const { return channel_; }
    const SequenceAudit& audit() const { return audit_; }
    std::int64_t lastDueUs() const { return lastDueUs_; }
    // Whether all that was due when the present request was sent has come.
    bool caughtUp() const;

  private:
    void onEvent(const SseEvent& event) override;
    void onMeasured(std::uint64_t seq, std::int64_t dueUs);
    bool fail(const char* problem);

    // constant after construction
    Tally& tally_;
    const std::size_t channel_;
    const std::string target_;
    const std::string& host_;

    int fd_ = -1;
    State state_ = State::kIdle;
    ResponseReader response_;
    SequenceAudit audit_;
    std::int64_t requestSentUs_ = 0;
    std::int64_t lastDueUs_ = 0;
    std::int64_t intervalUs_ = 0;  // between two events of the channel, as scheduled
};

}  // namespace sluice::bench
