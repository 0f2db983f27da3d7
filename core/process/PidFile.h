#pragma once

#include <filesystem>

namespace sluice {

/// A file with the number of the process, for who starts and stops it. Locked while the process
/// lives, so that a file that was left behind is no obstacle, and one of a living process is.
class PidFile final {
  public:
    /// Takes the file, and makes it where there is none. Throws std::runtime_error, for people:
    /// a living process has it, or it cannot be written.
    explicit PidFile(std::filesystem::path path);
    /// As `remove`, in the process that wrote its number.
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

    /// Writes the number of the calling process, which may be a child of the one that took it.
    void write();
    /// Removes the file, or empties it where the folder does not let us.
    void remove() noexcept;

  private:
    const std::filesystem::path path_;
    int fd_ = -1;
    long writer_ = 0;
};

}  // namespace sluice
