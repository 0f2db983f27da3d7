#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "auth/JwkSet.h"
#include "base/Clock.h"

namespace sluice {

/// Where the keys of one issuer come from, and those that came last.
///
/// A file or URL is read in the background by KeyRefresh; until it was read there are no keys, and
/// while it cannot be read those that came last count. Any thread may call.
class KeySource final {
  public:
    /// Reads the text of the keys; throws std::exception with a reason for people.
    using Read = std::function<std::string()>;
    /// Makes keys of it; nothing, and `error` says why.
    using Parse = std::function<std::optional<KeySet>(std::string_view text, std::string& error)>;

    /// Keys that never change.
    KeySource(std::string issuer, KeySet keys);
    /// REQUIRES: to be given to one KeyRefresh.
    KeySource(std::string issuer, std::string place, Read read, Parse parse,
              std::chrono::milliseconds every);

    /// Null before the first came.
    std::shared_ptr<const KeySet> keys() const;
    bool isFixed() const { return !read_; }
    const std::string& issuer() const { return issuer_; }

    /// The keys of a source of the same place count until these are read. Before any thread reads.
    void startWith(const KeySource& before);
    /// Reads once, in this thread; keeps the old keys and logs the change where that fails.
    void refresh();
    /// Until it should be read again.
    std::chrono::milliseconds pause() const;
    static constexpr std::chrono::milliseconds kFailingEvery{15'000};

  private:
    void fail(const std::string& reason);

    // constant after construction
    const std::string issuer_, place_;
    const Read read_;
    const Parse parse_;
    const std::chrono::milliseconds every_{0};

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::shared_ptr<const KeySet> keys_;
    bool isFailing_ = false;
};

/// The thread that reads files and URLs of keys again: each every so often, a failing one sooner,
/// and at once where a token names a key that is not there.
class KeyRefresh final {
  public:
    /// A flood of unknown key ids makes one read in so long, per issuer.
    static constexpr std::chrono::milliseconds kAskedEvery{5'000};

    /// Borrows the sources that are not fixed.
    KeyRefresh(std::vector<KeySource*> sources, const Clock& clock);
    ~KeyRefresh();
    void start();

    /// For a token whose key is not there: asks for a read that begins now or later, and returns
    /// its number for `wait`. Nothing: that was tried just before, the token is refused.
    std::optional<std::uint64_t> ask(const KeySource& source);
    /// Waits for the end of that read, at most that long.
    void wait(const KeySource& source, std::uint64_t read, std::chrono::milliseconds timeout);
    /// Ends the thread; a read that is under way is waited for.
    void stop() noexcept;

  private:
    struct Entry {
        KeySource* source = nullptr;
        std::int64_t dueUs = 0;
        std::int64_t askAgainUs = 0;  // not before
        bool isReading = false;
        std::uint64_t begun = 0, ended = 0;  // reads
    };
    void run() noexcept;
    Entry* entryOf(const KeySource& source);

    // constant after construction
    const Clock& clock_;

    std::mutex mutex_;
    std::condition_variable changed_;
    // guarded by mutex_
    std::vector<Entry> entries_;
    bool isStopping_ = false;
    std::thread thread_;
};

}  // namespace sluice
