#pragma once

#include <filesystem>

#include "process/ProcessUser.h"

namespace sluice {

/// A file in the place of stdout and stderr: whatever the process and its plugins write goes there.
class LogFile final {
  public:
    /// Appends to the file, and makes it where there is none. Throws std::runtime_error, for
    /// people.
    explicit LogFile(std::filesystem::path path);
    ~LogFile();
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    /// So that he may open it again; only a file that is root's.
    void giveTo(const ProcessUser& user) noexcept;
    /// Puts it in the place of both.
    void redirect();
    /// The same with the file that has its name now. Where that cannot be opened the log says so,
    /// and goes on where it was. Any thread.
    void reopen() noexcept;

  private:
    const std::filesystem::path path_;
    int fd_ = -1;
};

}  // namespace sluice
