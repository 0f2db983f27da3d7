#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/epoll.h>

#include "net/Fd.h"

namespace sluice {

/// A thin epoll(7). One thread waits; add, modify and remove may come from any thread, as the
/// kernel allows. Borrows the descriptors: closing one takes it out by itself.
class Epoll {
  public:
    using Ready = epoll_event;  // .events, and .data.u64: the tag given to add
    static constexpr std::uint32_t kRead = EPOLLIN;
    static constexpr std::uint32_t kWrite = EPOLLOUT;
    static constexpr std::uint32_t kPeerClosed = EPOLLRDHUP;
    static constexpr std::uint32_t kFailed = EPOLLERR | EPOLLHUP;  // comes unasked
    static constexpr std::uint32_t kEdge = EPOLLET;
    static constexpr std::uint32_t kOnce = EPOLLONESHOT;

    /// At most `readyMax` events come of one wait. Throws std::system_error.
    explicit Epoll(std::size_t readyMax = 512);

    /// Throws std::system_error where the kernel refuses (memory, the user's bound on watches).
    void add(int fd, std::uint32_t events, std::uint64_t tag);
    /// As add, for those who must not throw: false where the kernel refused.
    bool tryAdd(int fd, std::uint32_t events, std::uint64_t tag) noexcept;
    void modify(int fd, std::uint32_t events, std::uint64_t tag);
    void remove(int fd) noexcept;

    /// Waits at most that long; -1 is for ever, 0 only looks. The result lives until the next
    /// wait. An interrupting signal gives an empty result.
    std::span<const Ready> wait(int timeoutMs) noexcept;

  private:
    Fd fd_;
    std::vector<Ready> ready_;
};

/// Wakes a thread that waits in an Epoll: an eventfd. Any thread may wake; wakes that meet merge.
class Wakeup {
  public:
    /// Throws std::system_error.
    Wakeup();
    /// To be added with Epoll::kRead.
    int fd() const noexcept { return fd_.get(); }
    void wake() noexcept;
    /// The waiting thread calls it when the descriptor is ready.
    void clear() noexcept;

  private:
    Fd fd_;
};

}  // namespace sluice
