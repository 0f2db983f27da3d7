#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

#include "support/ChildProcess.h"

namespace sluice::test {

/// A real redis-server on a port of its own, without persistence, and a client for the test. One
/// thread. Throws std::runtime_error where something does not work.
class RedisServer {
  public:
    /// `more`: options behind ours, such as {"--requirepass", "x"}. Starts it.
    explicit RedisServer(const std::vector<std::string>& more = {}, std::uint16_t tlsPort = 0);

    std::uint16_t port() const { return port_; }
    std::string url(const std::string& behind = {}) const {
        return "redis://127.0.0.1:" + std::to_string(port_) + behind;
    }
    std::string shown() const { return "127.0.0.1:" + std::to_string(port_); }
    ChildProcess& process() { return process_; }

    /// Starts it again after stop() or kill(), and waits until it answers.
    void startAgain();
    void kill();
    /// SIGTERM; with data in it, only `save` keeps them.
    void stop();

    using Words = std::vector<std::string>;
    /// One command; the answer as text: integers in decimal, a list's items joined by spaces, null
    /// as "(null)". An error reply throws.
    std::string operator()(const Words& words) { return textOf(*ask(words)); }
    /// As it is, also an error.
    std::string tryTo(const Words& words) { return textOf(*ask(words, false)); }
    /// Sends, and never reads the answer: over a connection of its own.
    void sendOnly(const Words& words);
    /// Sends without waiting for each answer; then waits for all.
    void all(const std::vector<Words>& commands);

  private:
    using Reply = std::unique_ptr<redisReply, void (*)(void*)>;
    void connect();
    Reply ask(const Words& words, bool throws = true);
    static std::string textOf(const redisReply& reply);

    const std::uint16_t port_;
    ChildProcess process_;
    std::unique_ptr<redisContext, void (*)(redisContext*)> client_{nullptr, redisFree};
    std::unique_ptr<redisContext, void (*)(redisContext*)> sender_{nullptr, redisFree};
};

}  // namespace sluice::test
