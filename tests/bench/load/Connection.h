#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <netinet/in.h>

#include "ResponseReader.h"
#include "TlsClient.h"

namespace sluice::bench {

// One connection after the other to an event stream, each asked with the last id of those before.
// It owns its socket; the loop that drives it owns the epoll descriptor and tells it when the
// socket is writable and readable. One thread.
class Connection final {
  public:
    enum class State { kIdle, kConnecting, kOpening, kStreaming, kClosed };

    // `target` is path and query of the request. REQUIRES: host, its Host header, outlives this.
    Connection(std::string target, const std::string& host, bool isTls = false);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // Starts without waiting; receiveBufferBytes 0 leaves the kernel's default. Returns the socket,
    // or -1 with errno set. REQUIRES: no connection.
    int connect(const sockaddr_in& server, int receiveBufferBytes);

    // The socket became writable: sends the request, with the last id when there is one. Returns
    // false when the connection failed (it is closed then, see problem()).
    bool sendRequest();

    // One read of at most so many bytes into the buffer; returns how many came (for
    // take()), 0 if the socket was empty, -1 when the connection has ended (it is closed then).
    std::ptrdiff_t receive(char* buffer, std::size_t bufferBytes);

    // Hands received bytes on to the sink. Returns false when the response has ended or is no event
    // stream (it is closed then, in the second case see problem()).
    bool take(std::string_view bytes, SseSink& sink);

    // Closes; with reset, by RST and without TIME_WAIT.
    void close(bool reset);

    // What requests carry until a first id has come.
    void goOnAfter(std::string id) { firstId_ = std::move(id); }
    // The next request carries no id. REQUIRES: no connection.
    void forgetId() {
        response_ = ResponseReader();
        firstId_.clear();
    }

    State state() const { return state_; }
    int fd() const { return fd_; }
    const std::string& lastId() const {
        return response_.lastId().empty() ? firstId_ : response_.lastId();
    }
    // Why the last connection failed; "" while there is no reason but its end.
    const char* problem() const { return problem_; }

  private:
    bool fail(const char* problem);

    // constant after construction
    const std::string target_;
    const std::string& host_;
    const bool isTls_;

    int fd_ = -1;
    TlsClient tls_;  // of fd_, where isTls_
    State state_ = State::kIdle;
    ResponseReader response_;
    std::string firstId_;
    const char* problem_ = "";
};

}  // namespace sluice::bench
