#include "journal/FolderLock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice {
namespace {

std::string contentOf(int file) {
    std::array<char, 32> text{};
    const ssize_t length = ::pread(file, text.data(), text.size() - 1, 0);
    return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw std::runtime_error{"cannot make the folder: " + error.message()};
    file_ = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0)
        throw std::runtime_error{std::string{"cannot write there: "} + std::strerror(errno)};
    const std::string content = contentOf(file_);
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        ::close(file_);
        throw std::runtime_error{"is in use by process " + content +
                                 ": every node needs a folder of its own"};
    }
    wasLeftInOrder_ = content.empty();
    const std::string mine = std::to_string(::getpid());
    if (::ftruncate(file_, 0) == 0 &&
        ::pwrite(file_, mine.data(), mine.size(), 0) == static_cast<ssize_t>(mine.size()))
        ::fsync(file_);
}

void FolderLock::leaveInOrder() noexcept {
    // Where this fails the next holder looks for more than there is.
    if (::ftruncate(file_, 0) == 0) ::fsync(file_);
}

FolderLock::~FolderLock() {
    ::close(file_);
}

std::string FolderLock::name() const {
    struct stat status {};
    ::fstat(file_, &status);
    return std::to_string(status.st_dev) + "-" + std::to_string(status.st_ino);
}

}  // namespace sluice
