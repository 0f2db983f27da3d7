#pragma once

#include <cstddef>
#include <string_view>

struct ssl_st;

namespace sluice::bench {

// The client's end of TLS over a connected socket of its owner. The server's certificate is not
// looked at. One thread.
class TlsClient final {
  public:
    TlsClient() = default;
    ~TlsClient() { end(); }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    // Shakes hands; waits for the server, but a few seconds at most. False: there is no TLS.
    bool begin(int fd);
    // Says nothing to the server.
    void end();
    bool send(std::string_view bytes);
    // As recv(): what is there, -1 with errno EAGAIN where nothing is, 0 at the end. Leaves nothing
    // behind that the socket would not tell of. REQUIRES: room for a record, 16 KiB.
    std::ptrdiff_t receive(char* buffer, std::size_t bytes);

  private:
    ssl_st* ssl_ = nullptr;
};

}  // namespace sluice::bench
