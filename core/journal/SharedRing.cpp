#include "journal/SharedRing.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/Assert.h"
#include "journal/Crc32c.h"

namespace sluice {
namespace {

constexpr char kMagic[8] = {'S', 'L', 'J', 'R', 'I', 'N', 'G', '1'};
constexpr std::size_t kPageBytes = 4'096;
constexpr std::size_t kOwnerMax = 64;
constexpr std::size_t kRunMax = 64;

/// Before every frame. Its position tells it from what stood there a round ago.
struct FrameHead {
    std::uint64_t position = 0;
    std::uint32_t length = 0;
    std::uint32_t check = 0;
};
static_assert(sizeof(FrameHead) == SharedRing::kFrameOverhead);

std::size_t padded(std::size_t bytes) {
    return (bytes + 7) & ~std::size_t{7};
}

[[noreturn]] void failed(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

class File {
  public:
    File(const std::filesystem::path& path, int flags)
        : descriptor_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {
        if (descriptor_ < 0) failed(path.string());
    }
    ~File() { ::close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int get() const { return descriptor_; }

  private:
    const int descriptor_;
};

}  // namespace

struct SharedRing::Header {
    char magic[8];
    char owner[kOwnerMax];
    char run[kRunMax];
    std::uint64_t capacity;
    std::atomic<std::uint64_t> begin, end;
    std::atomic<std::uint32_t> cut;
};

std::string machineRun() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string run;
    std::getline(file, run);
    return run;
}

SharedRing::SharedRing(const std::filesystem::path& path, std::size_t bytes, std::string_view owner,
                       std::uint64_t begin)
    : capacity_{std::bit_ceil(std::max(bytes, kPageBytes))} {
    std::filesystem::remove(path);
    const File file{path, O_RDWR | O_CREAT | O_EXCL};
    // All of it now: a page that cannot be had later would end the process.
    const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(kPageBytes + capacity_));
    if (error != 0) {
        std::filesystem::remove(path);
        throw std::system_error{error, std::generic_category(), path.string()};
    }
    map(file.get(), path.string());
    std::memcpy(header_->magic, kMagic, sizeof kMagic);
    const std::string run = machineRun();
    owner.copy(header_->owner, kOwnerMax - 1);
    run.copy(header_->run, kRunMax - 1);
    header_->capacity = capacity_;
    header_->begin = header_->end = padded(begin);
}

SharedRing::SharedRing(const std::filesystem::path& path, std::string_view owner) {
    const File file{path, O_RDWR};
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) failed(path.string());
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < 2 * kPageBytes || !std::has_single_bit(size - kPageBytes))
        throw std::runtime_error{path.string() + " has another size"};
    capacity_ = size - kPageBytes;
    map(file.get(), path.string());
    const bool isOurs = std::memcmp(header_->magic, kMagic, sizeof kMagic) == 0 &&
                        header_->owner[kOwnerMax - 1] == 0 && owner == header_->owner &&
                        header_->capacity == capacity_;
    const bool isWhole = begin() <= end() && used() <= capacity_;
    const bool isOfThisRun = header_->run[kRunMax - 1] == 0 && machineRun() == header_->run;
    if (isOurs && isWhole && isOfThisRun) return;
    unmap();
    throw std::runtime_error{path.string() + " is of another journal or run of the machine"};
}

SharedRing::~SharedRing() {
    unmap();
}

void SharedRing::unmap() noexcept {
    if (bytes_) ::munmap(bytes_, 2 * capacity_);
    if (header_) ::munmap(header_, kPageBytes);
    bytes_ = nullptr;
    header_ = nullptr;
}

void SharedRing::map(int file, const std::string& name) {
    const int access = PROT_READ | PROT_WRITE;
    void* const header = ::mmap(nullptr, kPageBytes, access, MAP_SHARED, file, 0);
    if (header == MAP_FAILED) failed(name);
    header_ = static_cast<Header*>(header);
    void* const room =
        ::mmap(nullptr, 2 * capacity_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) {
        unmap();
        throw std::bad_alloc{};
    }
    bytes_ = static_cast<char*>(room);
    for (char* half : {bytes_, bytes_ + capacity_})
        if (::mmap(half, capacity_, access, MAP_SHARED | MAP_FIXED, file, kPageBytes) ==
            MAP_FAILED) {
            const int error = errno;
            unmap();
            throw std::system_error{error, std::generic_category(), name};
        }
}

const char* SharedRing::at(std::uint64_t position) const {
    return bytes_ + (position & (capacity_ - 1));
}

std::uint64_t SharedRing::begin() const noexcept {
    return header_->begin.load(std::memory_order_acquire);
}

std::uint64_t SharedRing::end() const noexcept {
    return header_->end.load(std::memory_order_acquire);
}

bool SharedRing::append(std::string_view frame) noexcept {
    const std::size_t whole = padded(sizeof(FrameHead) + frame.size());
    if (whole > capacity_ - used()) return false;
    const std::uint64_t position = header_->end.load(std::memory_order_relaxed);
    const FrameHead head{position, static_cast<std::uint32_t>(frame.size()), crc32c(frame)};
    char* const to = bytes_ + (position & (capacity_ - 1));
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + sizeof head, frame.data(), frame.size());
    // Last: whoever dies before this has appended nothing.
    header_->end.store(position + whole, std::memory_order_release);
    return true;
}

bool SharedRing::read(std::uint64_t& position, std::string_view& frame) const {
    const std::uint64_t limit = end();
    if (position + sizeof(FrameHead) > limit) return false;
    FrameHead head;
    std::memcpy(&head, at(position), sizeof head);
    const std::size_t whole = padded(sizeof head + head.length);
    if (head.position != position || position + whole > limit) return false;
    frame = {at(position) + sizeof head, head.length};
    if (crc32c(frame) != head.check) return false;
    position += whole;
    return true;
}

void SharedRing::drop(std::uint64_t position) noexcept {
    header_->begin.store(position, std::memory_order_release);
}

bool SharedRing::isCut() const noexcept {
    return header_->cut.load(std::memory_order_acquire) != 0;
}

void SharedRing::setCut(bool isCut) noexcept {
    header_->cut.store(isCut ? 1 : 0, std::memory_order_release);
}

}  // namespace sluice
