#include "input/SourceQueries.h"

#include <algorithm>
#include <utility>

namespace sluice {

SourceQueries::~SourceQueries() {
    giveUp();
}

void SourceQueries::add(std::vector<Ask> asks, Answer answer) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back({std::move(asks), {}, std::move(answer)});
}

std::vector<std::string> SourceQueries::begin(Time until) {
    std::vector<std::string> families;
    const std::lock_guard lock{mutex_};
    if (!underWay_.empty() || waiting_.empty()) return families;
    underWay_.swap(waiting_);
    until_ = until;
    for (const Question& question : underWay_)
        for (const Ask& ask : question.open) families.push_back(ask.family);
    std::sort(families.begin(), families.end());
    families.erase(std::unique(families.begin(), families.end()), families.end());
    return families;
}

void SourceQueries::answered(std::string_view family, const SourceEnds::Family& ends) {
    std::vector<Question> done;
    {
        const std::lock_guard lock{mutex_};
        for (Question& question : underWay_) {
            std::erase_if(question.open, [&](const Ask& ask) {
                if (ask.family != family) return false;
                // Another hash is another incarnation: the one that was meant is gone.
                question.found.push_back(ask.hash == ends.hash ? ends
                                                               : SourceEnds::Family{ask.hash, {}});
                return true;
            });
        }
        const auto isDone = [](const Question& question) { return question.open.empty(); };
        const auto firstDone = std::stable_partition(underWay_.begin(), underWay_.end(),
                                                     [&](const Question& q) { return !isDone(q); });
        std::move(firstDone, underWay_.end(), std::back_inserter(done));
        underWay_.erase(firstDone, underWay_.end());
        if (underWay_.empty()) until_.reset();
    }
    finish(std::move(done));
}

void SourceQueries::expire(Time now) {
    std::vector<Question> late;
    {
        const std::lock_guard lock{mutex_};
        if (!until_ || now < *until_) return;
        late.swap(underWay_);
        until_.reset();
    }
    finish(std::move(late));
}

void SourceQueries::giveUp() {
    std::vector<Question> all;
    {
        const std::lock_guard lock{mutex_};
        all.swap(underWay_);
        std::move(waiting_.begin(), waiting_.end(), std::back_inserter(all));
        waiting_.clear();
        until_.reset();
    }
    finish(std::move(all));
}

std::optional<SourceQueries::Time> SourceQueries::deadline() const {
    const std::lock_guard lock{mutex_};
    return until_;
}

bool SourceQueries::isWaiting() const {
    const std::lock_guard lock{mutex_};
    return !waiting_.empty() && underWay_.empty();
}

void SourceQueries::finish(std::vector<Question> questions) {
    for (Question& question : questions) question.answer(std::move(question.found));
}

}  // namespace sluice
