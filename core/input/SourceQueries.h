#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/Origins.h"

namespace sluice {

/// The questions to one source about the ends of its families. One call to the plugin is under way
/// at a time; whoever asks meanwhile shares the next one, because an answer must be younger than
/// its question. Any thread may call; callbacks run outside the lock, each exactly once.
class SourceQueries {
  public:
    struct Ask {
        std::string family;
        std::uint32_t hash = 0;  // of the family that is meant
    };
    using Answer = std::function<void(std::vector<SourceEnds::Family>)>;
    using Time = std::chrono::steady_clock::time_point;

    ~SourceQueries();

    void add(std::vector<Ask> asks, Answer answer);
    /// The families to ask for now: those waiting, unless a call is under way. It then is, until
    /// all have answered or `until` has come.
    std::vector<std::string> begin(Time until);
    /// What the source said about a family.
    void answered(std::string_view family, const SourceEnds::Family& ends);
    /// Answers with what has come where time is up.
    void expire(Time now);
    /// The source cannot be asked: answers with what has come, also those that wait.
    void giveUp();
    /// When `expire` has something to do.
    std::optional<Time> deadline() const;
    bool isWaiting() const;

  private:
    struct Question {
        std::vector<Ask> open;
        std::vector<SourceEnds::Family> found;
        Answer answer;
    };
    static void finish(std::vector<Question> questions);

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<Question> waiting_;
    std::vector<Question> underWay_;
    std::optional<Time> until_;
};

}  // namespace sluice
