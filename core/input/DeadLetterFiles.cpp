#include "input/DeadLetterFiles.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/Log.h"

namespace sluice {
namespace {

/// A file descriptor for the time of one write: files are rare, and whoever moves one away wants
/// the next letter in a new one. A pipe that nobody reads must not hold up an input.
class Descriptor {
  public:
    explicit Descriptor(const std::string& path) : fd_{::open(path.c_str(), kFlags, 0640)} {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

  private:
    static constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

    const int fd_;
};

std::string errorText() {
    return std::strerror(errno);
}

/// Why the line could not be appended; empty if it was.
std::string appendLine(int fd, std::string_view line, std::size_t bytesMax) {
    struct stat status {};
    if (fd < 0 || ::fstat(fd, &status) != 0) return errorText();
    const auto size = static_cast<std::size_t>(status.st_size);
    if (S_ISREG(status.st_mode) && (size >= bytesMax || line.size() > bytesMax - size))
        return "it would be longer than limits.dead_letters";
    const ssize_t written = ::write(fd, line.data(), line.size());
    if (written == static_cast<ssize_t>(line.size())) return {};
    const std::string why = written < 0 ? errorText() : "the disk is full";
    // Half a line would break the next one.
    if (written > 0 && ::ftruncate(fd, status.st_size) != 0) return why + "; " + errorText();
    return why;
}

}  // namespace

std::uint64_t DeadLetterFiles::write(const std::vector<DeadLetter>& letters, std::size_t bytesMax) {
    std::uint64_t lost = 0;
    for (const DeadLetter& letter : letters)
        if (!append(letter, bytesMax)) ++lost;
    return lost;
}

bool DeadLetterFiles::append(const DeadLetter& letter, std::size_t bytesMax) {
    const std::lock_guard lock{mutex_};
    const Descriptor file{letter.file};
    const std::string why = appendLine(file.get(), letter.line + '\n', bytesMax);
    if (why.empty()) return true;
    log::limited(log::Level::Error, "dead letters", letter.file,
                 "cannot write to " + letter.file + ": " + why);
    return false;
}

}  // namespace sluice
