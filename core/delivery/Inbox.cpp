#include "delivery/Inbox.h"

#include <utility>

namespace sluice {

bool Inbox::adopt(Adoption& adoption) {
    {
        const std::lock_guard lock{mutex_};
        if (closed_ || waiting_.load() >= adoptionsMax_) return false;
        content_.adoptions.push_back(std::move(adoption));
        waiting_.fetch_add(1);
    }
    wake();
    return true;
}

bool Inbox::change(StreamChange& change) {
    {
        const std::lock_guard lock{mutex_};
        if (closed_ || changing_.load() >= kChangesMax) return false;
        content_.changes.push_back(std::move(change));
        changing_.fetch_add(1);
    }
    wake();
    return true;
}

bool Inbox::look(StreamLook& look) {
    {
        const std::lock_guard lock{mutex_};
        if (closed_ || looking_.load() >= kLooksMax) return false;
        content_.looks.push_back(std::move(look));
        looking_.fetch_add(1);
    }
    wake();
    return true;
}

void Inbox::answer(SourceAnswer answer) {
    {
        const std::lock_guard lock{mutex_};
        content_.answers.push_back(std::move(answer));
    }
    wake();
}

void Inbox::dismiss(Dismissal dismissal) {
    {
        const std::lock_guard lock{mutex_};
        content_.dismissals.push_back(std::move(dismissal));
    }
    wake();
}

void Inbox::drain(std::chrono::milliseconds window) {
    {
        const std::lock_guard lock{mutex_};
        content_.drain = window;
        closed_ = true;
    }
    wake();
}

void Inbox::stop() {
    {
        const std::lock_guard lock{mutex_};
        content_.stop = true;
        closed_ = true;
    }
    wake();
}

void Inbox::wake() noexcept {
    woken_.store(true);
    if (asleep_.exchange(false)) wakeup_.wake();
}

bool Inbox::isAwaited() noexcept {
    asleep_.store(true);
    return woken_.load();
}

void Inbox::take(Content& out) {
    out.adoptions.clear();
    out.answers.clear();
    out.changes.clear();
    out.looks.clear();
    out.dismissals.clear();
    // Before anything is looked at: what comes from here on wakes the loop again.
    woken_.store(false);
    const std::lock_guard lock{mutex_};
    out.adoptions.swap(content_.adoptions);
    out.answers.swap(content_.answers);
    out.changes.swap(content_.changes);
    out.looks.swap(content_.looks);
    out.dismissals.swap(content_.dismissals);
    out.drain = std::exchange(content_.drain, std::nullopt);
    out.stop = content_.stop;
}

}  // namespace sluice
