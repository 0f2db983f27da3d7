#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice {

class ChannelLog;

/// What filters said of events lately, so that a filter looks at an event once, however many
/// Subscriptions and stragglers of a loop have it. A table of fixed size in which newer answers
/// displace older ones; what was displaced is asked again. One thread.
class FilterMemo final {
  public:
    static constexpr std::size_t kEntries = 8'192;

    struct Question {
        std::uint64_t filter = 0;  // EventFilter::number
        std::uint64_t seq = 0;     // of the event
        // On which channel. A log made later at the same address never has the same event.
        const ChannelLog* log = nullptr;
        bool operator==(const Question&) const = default;
    };

    /// `ask` says whether the filter takes the event; called only where that is not known.
    template <typename Ask>
    bool takes(const Question& question, const Ask& ask) {
        if (entries_.empty()) entries_.resize(kEntries);
        Entry& entry = entries_[placeOf(question)];
        if (entry.question != question) entry = {question, ask()};
        return entry.answer;
    }

  private:
    struct Entry {
        Question question;  // filter 0: none
        bool answer = false;
    };

    static std::size_t placeOf(const Question& question) {
        std::uint64_t hash = question.seq + question.filter * 0x9e3779b97f4a7c15u;
        hash += reinterpret_cast<std::uintptr_t>(question.log) / 64;
        return hash % kEntries;
    }

    std::vector<Entry> entries_;  // none until the first question
};

}  // namespace sluice
