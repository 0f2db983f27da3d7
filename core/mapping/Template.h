#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "mapping/Message.h"

namespace sluice {

/// Text with values of the message in braces: `orders/{region}`, `{headers['x-tenant']}`; `{{` and
/// `}}` are literal braces. Values are the captures of the rule's `from` and topic, key,
/// headers.NAME, time (milliseconds since the Unix epoch), partition, offset; any other name is a
/// variable of the input, such as qos. `{x**}` is the same as `{x}` for a capture that takes the
/// rest.
///
/// In a channel, inserted values are percent-encoded, so that a message cannot choose any channel
/// it likes: `/`, `..`, control characters, `,`, `?`, `#` and `%`. Only {topic} and captures that
/// take the rest keep their `/`.
///
/// Immutable after parsing; any thread may call.
class Template {
  public:
    enum class Use : std::uint8_t { Text, Channel };
    using Error = Pattern::Error;

    /// Never throws: an Error where the text is no template. A channel must begin with literal
    /// text, {topic} or a capture.
    static std::optional<Template> parse(std::string_view text, const Pattern& from, Use use,
                                         Error* error);

    /// Appends the text for a message whose topic `from` matched with these captures. Returns the
    /// name of the value that the message does not have (`out` is then cut in the middle), or
    /// nothing.
    std::string_view render(const Message& message, const Pattern::Captures& captures,
                            std::string& out) const;

    /// Whether the result is the same for all messages of a topic.
    bool fixedByTopic() const;
    bool readsHeaders() const;
    /// Whether it is text without values; then that text.
    std::optional<std::string_view> literal() const;

    /// What the results look like: captures where a value is not known. `captures` may be null:
    /// nothing is known of the topic.
    std::vector<Pattern::Part> shape(std::string_view topic,
                                     const Pattern::Captures* captures) const;

    const std::string& text() const { return text_; }

  private:
    /// One piece of the text, in order.
    struct Step {
        enum class Kind : std::uint8_t {
            Literal,
            Capture,
            Topic,
            Key,
            Header,
            Time,
            Partition,
            Offset,
            Variable
        };
        Kind kind = Kind::Literal;
        bool keepsSlash = false;
        std::uint32_t capture = 0;  // index in the captures of `from`
        std::string text;           // the literal; the name of a header or variable
        std::string name;           // as it stands between the braces
    };
    class Parser;

    Template() = default;
    void insert(const Step& step, std::string_view value, std::string& out) const;
    bool append(const Step& step, const Message& message, const Pattern::Captures& captures,
                std::string& out) const;

    std::string text_;
    Use use_ = Use::Text;
    std::vector<Step> steps_;
};

}  // namespace sluice
