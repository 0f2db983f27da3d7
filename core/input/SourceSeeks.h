#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "input/SourceQueries.h"

namespace sluice {

/// The questions to one source about where its lanes stood at a time, each asked by itself. Any
/// thread may call; callbacks run outside the lock, each exactly once.
class SourceSeeks {
  public:
    using Ask = SourceQueries::Ask;
    using Answer = std::function<void(std::vector<SourcePlaces::Family>)>;
    using Time = std::chrono::steady_clock::time_point;

    struct Question {
        std::uint64_t id = 0;
        std::int64_t timeMs = 0;
        std::vector<std::string> families;
    };

    ~SourceSeeks();

    void add(std::vector<Ask> asks, std::int64_t timeMs, Time until, Answer answer);
    /// Those that were not asked yet; they are from now on.
    std::vector<Question> begin();
    /// What the source said; false where nobody asks (any more).
    bool answered(std::uint64_t id, std::string_view family, std::vector<Position> positions);
    /// Answers with what has come where time is up.
    void expire(Time now);
    /// The source cannot be asked: answers with what has come, also those that wait.
    void giveUp();
    /// When `expire` has something to do.
    std::optional<Time> deadline() const;

  private:
    struct Open {
        std::uint64_t id = 0;
        std::int64_t timeMs = 0;
        Time until;
        bool isAsked = false;
        std::vector<Ask> asks;  // without an answer so far
        std::vector<SourcePlaces::Family> found;
        Answer answer;
    };
    template <class IsDone>
    void finish(IsDone isDone);

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<Open> open_;
    std::uint64_t lastId_ = 0;
};

}  // namespace sluice
