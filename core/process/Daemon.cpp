#include "process/Daemon.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <system_error>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/Assert.h"

namespace sluice {
namespace {

constexpr std::string_view kStarted = ".";

pid_t forkOrThrow() {
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error{errno, std::generic_category(), "fork"};
    return child;
}

bool isOneThread() {
    using Tasks = std::filesystem::directory_iterator;
    return std::distance(Tasks{"/proc/self/task"}, Tasks{}) == 1;
}

std::string readToEnd(int fd) {
    std::string text;
    char piece[512];
    for (;;) {
        const ssize_t got = ::read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return text;
        text.append(piece, static_cast<std::size_t>(got));
    }
}

/// Ends the process that was started.
[[noreturn]] void waitAndExit(int fd, pid_t child, const std::string& hint) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    const std::string text = readToEnd(fd);
    if (text == kStarted) std::_Exit(0);
    std::cerr << "sluice: " << (text.empty() ? "it ended before it served; see " + hint : text)
              << std::endl;
    std::_Exit(1);
}

}  // namespace

Daemon::Daemon(const std::string& hint) {
    SLUICE_ASSERT(isOneThread());
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::system_error{errno, std::generic_category(), "pipe"};
    if (const pid_t child = forkOrThrow()) {
        ::close(ends[1]);
        waitAndExit(ends[0], child, hint);
    }
    ::close(ends[0]);
    waiting_ = ends[1];
    ::setsid();
    // Who leads a session could get a terminal by opening one; a child of his cannot.
    if (forkOrThrow() != 0) std::_Exit(0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0) ::close(nothing);
}

Daemon::~Daemon() {
    if (waiting_ >= 0) ::close(waiting_);
}

void Daemon::tell(std::string_view text) noexcept {
    if (waiting_ < 0) return;
    // Who waited may be gone.
    if (::write(waiting_, text.data(), text.size()) < 0) errno = 0;
    ::close(waiting_);
    waiting_ = -1;
}

}  // namespace sluice
