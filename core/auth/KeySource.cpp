#include "auth/KeySource.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/Log.h"

namespace sluice {
namespace {

constexpr const char* kArea = "auth";

}  // namespace

KeySource::KeySource(std::string issuer, KeySet keys)
    : issuer_{std::move(issuer)}, keys_{std::make_shared<const KeySet>(std::move(keys))} {}

KeySource::KeySource(std::string issuer, std::string place, Read read, Parse parse,
                     std::chrono::milliseconds every)
    : issuer_{std::move(issuer)},
      place_{std::move(place)},
      read_{std::move(read)},
      parse_{std::move(parse)},
      every_{every} {}

std::shared_ptr<const KeySet> KeySource::keys() const {
    const std::lock_guard lock{mutex_};
    return keys_;
}

void KeySource::startWith(const KeySource& before) {
    if (isFixed()) return;
    auto known = before.keys();
    const std::lock_guard lock{mutex_};
    keys_ = std::move(known);
}

std::chrono::milliseconds KeySource::pause() const {
    const std::lock_guard lock{mutex_};
    return isFailing_ ? std::min(every_, kFailingEvery) : every_;
}

void KeySource::refresh() {
    try {
        const std::string text = read_();
        std::string error;
        std::optional<KeySet> fresh = parse_(text, error);
        if (!fresh) return fail(error);
        const std::lock_guard lock{mutex_};
        if (!keys_ || std::exchange(isFailing_, false))
            log::info(kArea, "the keys of " + issuer_ + " are here: " +
                                 std::to_string(fresh->keys.size()) + " from " + place_);
        keys_ = std::make_shared<const KeySet>(std::move(*fresh));
    } catch (const std::exception& error) {
        fail(error.what());
    }
}

void KeySource::fail(const std::string& reason) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(isFailing_, true)) return;
    const std::string kept = keys_ ? "the last " + std::to_string(keys_->keys.size()) + " stay"
                                   : "there are none, so nobody with a token of it gets in";
    log::error(kArea, "the keys of " + issuer_ + " cannot be read from " + place_ + ": " + reason +
                          "; " + kept);
}

KeyRefresh::KeyRefresh(std::vector<KeySource*> sources, const Clock& clock) : clock_{clock} {
    for (KeySource* const source : sources) entries_.push_back({source});
}

KeyRefresh::~KeyRefresh() {
    stop();
}

void KeyRefresh::start() {
    if (!entries_.empty()) thread_ = std::thread{[this] { run(); }};
}

void KeyRefresh::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        isStopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

KeyRefresh::Entry* KeyRefresh::entryOf(const KeySource& source) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.source == &source; });
    return found == entries_.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> KeyRefresh::ask(const KeySource& source) {
    const std::lock_guard lock{mutex_};
    Entry* const entry = entryOf(source);
    if (!entry || isStopping_) return std::nullopt;
    const std::int64_t nowUs = clock_.steadyUs();
    if (entry->dueUs <= nowUs) return entry->begun + 1;
    // The first keys of all are on their way: who waits for them asks for nothing more.
    if (entry->isReading && !source.keys()) return entry->begun;
    if (nowUs < entry->askAgainUs)
        return entry->isReading ? std::optional{entry->begun} : std::nullopt;
    entry->askAgainUs = nowUs + std::chrono::microseconds{kAskedEvery}.count();
    entry->dueUs = nowUs;
    changed_.notify_all();
    return entry->begun + 1;
}

void KeyRefresh::wait(const KeySource& source, std::uint64_t read,
                      std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex_};
    const Entry* const entry = entryOf(source);
    changed_.wait_for(lock, timeout, [&] { return isStopping_ || !entry || entry->ended >= read; });
}

void KeyRefresh::run() noexcept {
    std::unique_lock lock{mutex_};
    while (!isStopping_) {
        const auto next =
            std::min_element(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.dueUs < b.dueUs; });
        const std::int64_t leftUs = next->dueUs - clock_.steadyUs();
        if (leftUs > 0) {
            changed_.wait_for(lock, std::chrono::microseconds{leftUs});
            continue;
        }
        next->isReading = true;
        next->dueUs = INT64_MAX;
        ++next->begun;
        lock.unlock();
        next->source->refresh();
        const auto pause = next->source->pause();
        lock.lock();
        next->isReading = false;
        ++next->ended;
        next->dueUs =
            std::min(next->dueUs, clock_.steadyUs() + std::chrono::microseconds{pause}.count());
        changed_.notify_all();
    }
}

}  // namespace sluice
