#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/Address.h"
#include "net/Fd.h"

namespace sluice::test {

/// What a server sent as one response.
struct Reply {
    int status = 0;
    std::string head;  // with its empty line
    std::string body;
};

/// A client that speaks raw bytes over loopback; every wait ends after kPatience.
class Client {
  public:
    static constexpr int kPatienceSeconds = 20;

    explicit Client(const Address& server);
    /// As two steps: the descriptor first, the connection later.
    Client();
    void connect(const Address& server);

    /// Whether all was sent (false: the server has closed).
    bool send(std::string_view bytes);
    /// One response by its Content-Length (`isHead`: without a body); nothing at end of stream.
    std::optional<Reply> read(bool isHead = false);
    std::optional<Reply> ask(std::string_view request) {
        send(request);
        return read();
    }
    /// Everything until the server closes.
    std::string readToEnd();
    /// Whether the server closed with nothing left to read.
    bool isAtEnd() { return buffer_.empty() && !fill(); }
    /// Closing then sends RST instead of FIN.
    void resetWhenClosed();
    void close() { fd_.reset(); }
    int fd() const { return fd_.get(); }

  private:
    bool fill();

    Fd fd_;
    std::string buffer_;
};

/// Threads of this process, from /proc.
std::size_t threadCount();

}  // namespace sluice::test
