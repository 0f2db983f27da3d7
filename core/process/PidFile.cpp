#include "process/PidFile.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace sluice {
namespace {

constexpr std::size_t kNumberMax = 32;  // characters

[[noreturn]] void failed(const std::filesystem::path& path, const std::string& why) {
    throw std::runtime_error{"the pid file " + path.string() + " " + why};
}

/// 0: none.
long numberIn(int fd) {
    char text[kNumberMax + 1] = {};
    const ssize_t length = ::pread(fd, text, kNumberMax, 0);
    return length > 0 ? std::strtol(text, nullptr, 10) : 0;
}

std::string nameOf(long process) {
    std::ifstream file{"/proc/" + std::to_string(process) + "/comm"};
    std::string name;
    std::getline(file, name);
    return name.empty() ? "process " + std::to_string(process)
                        : "process " + std::to_string(process) + " (" + name + ")";
}

bool isAlive(long process) {
    return process > 0 && process != ::getpid() &&
           (::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM);
}

}  // namespace

PidFile::PidFile(std::filesystem::path path)
    : path_{std::filesystem::absolute(std::move(path))},
      fd_{::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0644)} {
    if (fd_ < 0) failed(path_, std::string{"cannot be written: "} + std::strerror(errno));
    std::string why;
    const long process = numberIn(fd_);
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0)
        why =
            "is that of a running Sluice, " + nameOf(process) + "; stop it first, or name another";
    else if (isAlive(process))
        why = "names " + nameOf(process) + ", which lives; remove the file if that is no Sluice";
    if (why.empty()) return;
    ::close(fd_);
    failed(path_, why);
}

PidFile::~PidFile() {
    if (writer_ == ::getpid()) remove();
    if (fd_ >= 0) ::close(fd_);
}

void PidFile::write() {
    writer_ = ::getpid();
    const std::string text = std::to_string(writer_) + '\n';
    if (::ftruncate(fd_, 0) != 0 ||
        ::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        failed(path_, std::string{"cannot be written: "} + std::strerror(errno));
}

void PidFile::remove() noexcept {
    if (std::exchange(writer_, 0) == 0) return;
    // Where it cannot go, it has at least no number that will be another process's one day.
    if (::unlink(path_.c_str()) != 0 && ::ftruncate(fd_, 0) != 0) return;
}

}  // namespace sluice
