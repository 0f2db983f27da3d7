#include "process/LogFile.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/Log.h"

namespace sluice {
namespace {

int openToAppend(const std::filesystem::path& path) noexcept {
    return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

}  // namespace

LogFile::LogFile(std::filesystem::path path)
    : path_{std::filesystem::absolute(std::move(path))}, fd_{openToAppend(path_)} {
    if (fd_ < 0)
        throw std::runtime_error{"the log file " + path_.string() +
                                 " cannot be written: " + std::strerror(errno)};
}

LogFile::~LogFile() {
    if (fd_ >= 0) ::close(fd_);
}

void LogFile::giveTo(const ProcessUser& user) noexcept {
    struct stat status {};
    const bool isRoots =
        ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0;
    // Where that fails, only opening it again will, which is told then.
    if (isRoots && ::fchown(fd_, user.user(), user.group()) != 0) return;
}

void LogFile::redirect() {
    for (const int place : {STDOUT_FILENO, STDERR_FILENO})
        if (::dup2(fd_, place) < 0)
            throw std::runtime_error{std::string{"the log file: "} + std::strerror(errno)};
}

void LogFile::reopen() noexcept {
    const int fresh = openToAppend(path_);
    const int error = errno;
    if (fresh < 0) {
        log::warning("log", "the log file " + path_.string() + " cannot be opened again: " +
                                std::strerror(error) + "; the log goes on in the one before");
        return;
    }
    for (const int place : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(fresh, place);
    ::close(fresh);
    log::info("log", "the log file was opened again");
}

}  // namespace sluice
