#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace sluice::test {

/// Something that listens like a Redis and answers what the test says: for faults that the real one
/// does not have. One connection at a time is served, each until the other side closes it.
class FakeServer {
  public:
    /// What to send back for what has come (a whole read, not a whole command); called on a thread
    /// of the server's.
    using Answer = std::function<std::string(const std::string& request)>;

    explicit FakeServer(Answer answer);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
    int connections() const { return connections_; }

  private:
    void serve();
    void serve(int connection);

    const Answer answer_;
    const std::uint16_t port_;
    int listener_ = -1;
    std::atomic<bool> isStopping_{false};
    std::atomic<int> connections_{0};
    std::thread thread_;
};

}  // namespace sluice::test
