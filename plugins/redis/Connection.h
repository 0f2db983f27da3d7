#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "Fault.h"
#include "Options.h"
#include "Reply.h"
#include "Signal.h"
#include "Wire.h"

namespace sluice::redis {

/// A connection that is logged in, with the database chosen: commands out, replies in, in order.
/// Every wait is bounded by the option `timeout` and ends when `stop` is raised. Functions throw
/// Failure, after which the connection is closed, and Stopping. One thread.
class Connection {
  public:
    using Clock = std::chrono::steady_clock;

    /// Borrows both.
    Connection(const Options& options, const plugin::Signal& stop)
        : options_(options), stop_(stop) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Connects and logs in, anew if it was connected.
    void open();
    void close() noexcept;
    bool isOpen() const { return wire_ != nullptr; }
    int fd() const { return wire_->fd(); }

    /// Adds a command to what flush() sends.
    void put(std::span<const std::string_view> words);
    void put(std::initializer_list<std::string_view> words) {
        put(std::span(words.begin(), words.size()));
    }
    void flush();
    /// The next reply, waited for; an error reply is a reply. `within` is of silence: a reply that
    /// comes piece by piece may take longer.
    const Reply& receive() { return receive(options_.timeout); }
    const Reply& receive(std::chrono::milliseconds within);
    /// put, flush, receive. REQUIRES: no other reply is due.
    const Reply& ask(std::initializer_list<std::string_view> words);
    const Reply& ask(std::span<const std::string_view> words);

    /// Takes what has come, without waiting; true: something has.
    bool take();
    /// Whether take() may find bytes although poll() sees none.
    bool hasPending() const { return wire_->hasPending(); }
    /// The next reply of what was taken; null: there is no whole one.
    const Reply* next();
    /// Frees all replies.
    void forget() { replies_->forget(); }
    std::string_view keep(std::string_view text) { return replies_->keep(text); }

    /// As a Failure.
    [[noreturn]] void fail(Fault fault);

    static constexpr std::size_t kReadBytes = std::size_t{64} << 10;

  private:
    void logIn();
    void expectOk(const char* command);

    // constant after construction
    const Options& options_;
    const plugin::Signal& stop_;

    std::unique_ptr<Wire> wire_;
    std::unique_ptr<ReplyReader> replies_;
    std::string out_;
    std::vector<const char*> texts_;
    std::vector<std::size_t> lengths_;
    std::vector<char> buffer_ = std::vector<char>(kReadBytes);
};

}  // namespace sluice::redis
