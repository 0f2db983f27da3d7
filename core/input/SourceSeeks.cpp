#include "input/SourceSeeks.h"

#include <algorithm>
#include <utility>

namespace sluice {

SourceSeeks::~SourceSeeks() {
    giveUp();
}

void SourceSeeks::add(std::vector<Ask> asks, std::int64_t timeMs, Time until, Answer answer) {
    const std::lock_guard lock{mutex_};
    open_.push_back({++lastId_, timeMs, until, false, std::move(asks), {}, std::move(answer)});
}

std::vector<SourceSeeks::Question> SourceSeeks::begin() {
    std::vector<Question> questions;
    const std::lock_guard lock{mutex_};
    for (Open& open : open_) {
        if (std::exchange(open.isAsked, true)) continue;
        Question& question = questions.emplace_back(Question{open.id, open.timeMs, {}});
        for (const Ask& ask : open.asks) question.families.push_back(ask.family);
    }
    return questions;
}

bool SourceSeeks::answered(std::uint64_t id, std::string_view family,
                           std::vector<Position> positions) {
    {
        const std::lock_guard lock{mutex_};
        const auto open = std::find_if(open_.begin(), open_.end(),
                                       [id](const Open& one) { return one.id == id; });
        if (open == open_.end()) return false;
        const auto ask = std::find_if(open->asks.begin(), open->asks.end(),
                                      [&](const Ask& one) { return one.family == family; });
        if (ask == open->asks.end()) return false;
        if (!positions.empty()) open->found.push_back({ask->hash, std::move(positions)});
        open->asks.erase(ask);
    }
    finish([](const Open& open) { return open.asks.empty(); });
    return true;
}

void SourceSeeks::expire(Time now) {
    finish([now](const Open& open) { return open.until <= now; });
}

void SourceSeeks::giveUp() {
    finish([](const Open&) { return true; });
}

std::optional<SourceSeeks::Time> SourceSeeks::deadline() const {
    std::optional<Time> earliest;
    const std::lock_guard lock{mutex_};
    for (const Open& open : open_) earliest = std::min(earliest.value_or(open.until), open.until);
    return earliest;
}

template <class IsDone>
void SourceSeeks::finish(IsDone isDone) {
    std::vector<Open> done;
    {
        const std::lock_guard lock{mutex_};
        std::erase_if(open_, [&](Open& open) {
            if (!isDone(open)) return false;
            done.push_back(std::move(open));
            return true;
        });
    }
    for (Open& open : done) open.answer(std::move(open.found));
}

}  // namespace sluice
