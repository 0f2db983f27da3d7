#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice {

/// A subscriber's own filter, parsed once and shared by all who wrote the same text. Declared here,
/// implemented above: channels know no expressions. Immutable; any thread may call.
class EventFilter {
  public:
    /// One event on one channel; borrowed for the call.
    struct Subject {
        std::string_view channel;
        std::string_view event;  // its type; "message" where it has none
        std::string_view key;
        std::string_view dataLines;  // as an EventBatch encoded them
    };

    /// `text`: as its subscribers wrote it.
    explicit EventFilter(std::string text = {});
    virtual ~EventFilter() = default;
    EventFilter(const EventFilter&) = delete;
    EventFilter& operator=(const EventFilter&) = delete;

    /// Whether its subscribers get the event. A function of the subject alone: resume depends on
    /// it. What cannot be evaluated is not taken. Bounded in time and memory.
    virtual bool takes(const Subject& subject) const noexcept = 0;

    /// Of this filter alone, as long as the process lives.
    std::uint64_t number() const { return number_; }
    const std::string& text() const { return text_; }

  private:
    const std::string text_;
    const std::uint64_t number_;
};

/// Shared by the subscriptions that use it: equal texts are the same filter.
using EventFilterPtr = std::shared_ptr<const EventFilter>;

/// Why a filter is refused, for people.
struct FilterRefusal {
    enum class Reason : std::uint8_t { NotAllowed, BadExpression, TooCostly, TooMany };
    Reason reason = Reason::BadExpression;
    std::string message;
    std::string hint;
    std::size_t column = 0;  // in characters from 1; 0: the whole text
    std::string excerpt;     // the text and a caret below the place; may be empty
};

/// Makes filters of what subscribers write. Any thread may call.
class EventFilters {
  public:
    virtual ~EventFilters() = default;
    /// The filter of this text for a stream of these channels, names or patterns.
    virtual std::variant<EventFilterPtr, FilterRefusal> obtain(
        std::string_view text, const std::vector<std::string>& channels) = 0;
    /// Why streams of these channels may not have any; nothing where they may.
    virtual std::optional<FilterRefusal> refusal(const std::vector<std::string>& channels) = 0;
};

}  // namespace sluice
