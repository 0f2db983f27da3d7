#include "base/Signals.h"

#include <ctime>

namespace sluice {

Signals::Signals(std::initializer_list<int> numbers) {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    for (const int number : numbers) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

int Signals::wait(std::chrono::milliseconds atMost) const {
    constexpr std::int64_t kThousand = 1'000;
    const timespec limit{atMost.count() / kThousand,
                         static_cast<long>(atMost.count() % kThousand * kThousand * kThousand)};
    const int number = sigtimedwait(&set_, nullptr, &limit);
    return number > 0 ? number : 0;
}

void Signals::nextInterruptKills() {
    std::signal(SIGINT, SIG_DFL);
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
}

}  // namespace sluice
