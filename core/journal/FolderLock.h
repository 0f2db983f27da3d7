#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sluice {

/// The right of one process to write in a folder, until it ends in whatever way.
class FolderLock final {
  public:
    /// Makes the folder where it is not there. Throws std::runtime_error saying who has it, or why
    /// nothing can be written there.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// Whether the last holder called leaveInOrder, or there was none.
    bool wasLeftInOrder() const { return wasLeftInOrder_; }
    void leaveInOrder() noexcept;
    /// A name of the folder that stays when it is moved.
    std::string name() const;

  private:
    int file_ = -1;
    bool wasLeftInOrder_ = true;
};

}  // namespace sluice
