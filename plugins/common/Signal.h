#pragma once

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace sluice::plugin {

/// Something that one thread waits for beside its sockets and others raise: an eventfd.
class Signal {
  public:
    Signal() : fd_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
        if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~Signal() { close(fd_); }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    /// Readable while raised.
    int fd() const { return fd_; }
    void raise() noexcept {
        // The counter of an eventfd never fills up with ones; there is nothing else to fail.
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
    }
    void clear() noexcept {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t taken = read(fd_, &count, sizeof count);
    }

  private:
    const int fd_;
};

}  // namespace sluice::plugin
