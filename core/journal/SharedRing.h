#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace sluice {

/// Frames on their way to the disk, in memory that outlives the process: a file of a memory file
/// system, mapped. What `append` took is there after a kill -9, not after the machine was down.
///
/// One thread appends, one reads and drops; counts may be read by any. Positions count bytes since
/// the ring was made and never wrap.
class SharedRing final {
  public:
    /// Makes the ring anew, empty, beginning at position `begin`. Throws std::system_error.
    SharedRing(const std::filesystem::path& file, std::size_t bytes, std::string_view owner,
               std::uint64_t begin);
    /// Finds one that an earlier process of this machine's present run left. Throws
    /// std::runtime_error saying why there is none for this owner.
    SharedRing(const std::filesystem::path& file, std::string_view owner);
    ~SharedRing();
    SharedRing(const SharedRing&) = delete;
    SharedRing& operator=(const SharedRing&) = delete;

    /// False where it is full: nothing was appended.
    bool append(std::string_view frame) noexcept;
    /// The frame at `position`, which moves behind it; false where there is none, or a damaged one.
    /// The view lives until it is dropped. REQUIRES: begin() <= position <= end().
    bool read(std::uint64_t& position, std::string_view& frame) const;
    /// What lies below is not needed any more.
    void drop(std::uint64_t position) noexcept;

    std::uint64_t begin() const noexcept;
    std::uint64_t end() const noexcept;
    std::size_t used() const noexcept { return static_cast<std::size_t>(end() - begin()); }
    std::size_t capacity() const noexcept { return capacity_; }

    /// Whether something is missing behind its end: what was to be appended did not fit.
    bool isCut() const noexcept;
    void setCut(bool isCut) noexcept;

    /// What a ring of `bytes` can hold in one frame.
    static constexpr std::size_t kFrameOverhead = 16;

  private:
    struct Header;
    void map(int file, const std::string& name);
    void unmap() noexcept;
    const char* at(std::uint64_t position) const;

    Header* header_ = nullptr;
    char* bytes_ = nullptr;  // mapped twice in a row, so that every frame is contiguous
    std::size_t capacity_ = 0;
};

/// A name of this run of the machine: memory that was shared before it is gone.
std::string machineRun();

}  // namespace sluice
