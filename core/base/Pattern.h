#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// The one pattern syntax of Sluice, for `from`, `channels` and subscriptions.
///
/// A pattern is text split into levels by a separator (`/` for channels and MQTT, `.` for Kafka and
/// ZeroMQ, `:` for Redis). `{x}` takes one level or a part of one (at least one character, never
/// the separator), `{x**}` takes the rest and must come last (at least one character). `{{` and
/// `}}` are literal braces. A name is a letter or `_`, then letters, digits, `_`; each name once.
/// A level may hold several captures with text between them; the earlier ones are taken shortest.
///
/// Immutable after parsing; any thread may call. Matching never backtracks.
class Pattern {
  public:
    /// What is wrong with a pattern, and at which byte of its text.
    struct Error {
        std::size_t offset = 0;
        std::string message;
        std::string hint;
    };
    /// One piece of a pattern: literal text or a capture.
    struct Part {
        bool isCapture = false;
        bool takesRest = false;  // `{x**}`
        std::string text;        // the literal, or the name of the capture
        bool operator==(const Part&) const = default;
    };
    /// Values of the captures in the order in which they stand in the pattern; views into the
    /// subject that was matched.
    using Captures = std::vector<std::string_view>;

    /// Never throws: an Error where the text is no pattern.
    static std::optional<Pattern> parse(std::string_view text, char separator, Error* error);

    bool matches(std::string_view subject) const;
    /// As `matches`; on success `captures` holds one view per capture.
    bool match(std::string_view subject, Captures& captures) const;

    /// Whether this pattern matches all that the other one does; may err towards false.
    bool covers(const Pattern& other) const;
    /// Whether some text matches both patterns.
    bool overlaps(const Pattern& other) const;
    /// Whether some text matches this pattern and has the shape: parts as in a pattern with this
    /// separator, but captures may be empty and one that takes the rest may stand anywhere.
    bool overlapsShape(const std::vector<Part>& shape) const;

    bool isLiteral() const;
    /// The text before the first capture.
    std::string_view literalPrefix() const;
    const std::vector<std::string>& names() const { return names_; }
    const std::vector<Part>& parts() const { return parts_; }
    const std::string& text() const { return text_; }
    char separator() const { return separator_; }

    bool operator==(const Pattern& other) const {
        return text_ == other.text_ && separator_ == other.separator_;
    }

  private:
    Pattern() = default;
    bool match(std::string_view subject, Captures* captures) const;
    /// Where the capture `part` that begins at `at` ends; not beyond `at`, or npos: no match.
    std::size_t endOfCapture(std::string_view subject, std::size_t at, std::size_t part) const;

    std::string text_;
    char separator_ = '/';
    std::vector<Part> parts_;
    std::vector<std::string> names_;
};

}  // namespace sluice
