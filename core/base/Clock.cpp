#include "base/Clock.h"

namespace sluice {

namespace chrono = std::chrono;

std::int64_t SystemClock::wallMs() const noexcept {
    const auto now = chrono::system_clock::now().time_since_epoch();
    return chrono::duration_cast<chrono::milliseconds>(now).count();
}

std::int64_t SystemClock::steadyUs() const noexcept {
    const auto now = chrono::steady_clock::now().time_since_epoch();
    return chrono::duration_cast<chrono::microseconds>(now).count();
}

}  // namespace sluice
