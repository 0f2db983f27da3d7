#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/// For LD_PRELOAD: moves the wall clock of a program, and no other clock, by as many milliseconds
/// (int64, as the machine has them) as stand in the file that SLUICE_CLOCK_SHIFT names, at any
/// moment. The file must be there when the program starts. Async-signal-safe after the first call.
namespace {

using Shift = std::atomic<std::int64_t>;

const Shift* mapped() {
    const char* const path = std::getenv("SLUICE_CLOCK_SHIFT");
    const int fd = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) std::abort();  // a test without its shift would prove nothing
    void* const memory = ::mmap(nullptr, sizeof(Shift), PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    if (memory == MAP_FAILED) std::abort();
    return static_cast<const Shift*>(memory);
}

std::int64_t shiftMs() {
    static const Shift* const shift = mapped();
    return shift->load(std::memory_order_relaxed);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
    if (::syscall(SYS_clock_gettime, clock, now) != 0) return -1;
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return 0;
    const std::int64_t ms = shiftMs();
    now->tv_sec += ms / 1'000;
    now->tv_nsec += ms % 1'000 * 1'000'000;
    if (now->tv_nsec >= 1'000'000'000) {
        now->tv_nsec -= 1'000'000'000;
        ++now->tv_sec;
    } else if (now->tv_nsec < 0) {
        now->tv_nsec += 1'000'000'000;
        --now->tv_sec;
    }
    return 0;
}

extern "C" int gettimeofday(timeval* now, void*) noexcept {
    timespec precise{};
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1'000;
    return 0;
}

extern "C" std::time_t time(std::time_t* out) noexcept {
    timespec precise{};
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    if (out) *out = precise.tv_sec;
    return precise.tv_sec;
}
