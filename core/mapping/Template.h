#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "expression/Expression.h"
#include "mapping/MessageValues.h"
#include "mapping/References.h"
#include "mapping/Rejection.h"

namespace sluice {

/// Text with expressions in braces: `orders/{region}`, `{payload.id}-{headers['x-tenant']}`; `{{`
/// and `}}` are literal braces. `{x**}` is the same as `{x}` for a capture that takes the rest.
///
/// Strings stand as they are, numbers and booleans as JSON writes them, times by RFC 3339. What is
/// null has no text (Rejection::NoValue), neither have lists and maps (Rejection::BadValue).
///
/// In a channel, inserted values are percent-encoded, so that a message cannot choose any channel
/// it likes: `/`, `..`, control characters, `,`, `?`, `#`, `%` and braces. Only what comes of
/// {topic} and of captures that take the rest keeps its `/`.
///
/// Immutable after parsing; any thread may call.
class Template {
  public:
    enum class Use : std::uint8_t { Text, Channel };

    /// The empty text.
    Template() = default;
    /// Never throws: nothing where a problem is no warning. A channel must begin with literal
    /// text or a value of the topic and its captures. Offsets count from the beginning of `text`.
    static std::optional<Template> parse(std::string_view text, const RuleScope& scope, Use use,
                                         std::vector<cel::Problem>& problems);

    /// Appends the text for the message that `values` lends. On a failure `out` is cut in the
    /// middle; its field is empty.
    std::optional<Failure> render(const MessageValues& values, cel::Arena& arena,
                                  std::string& out) const;

    /// Whether the result is the same for all messages of a topic.
    bool fixedByTopic() const;
    /// Whether the payload decides.
    bool looksInside() const;
    /// Whether it is text without values; then that text.
    std::optional<std::string_view> literal() const;
    /// The expression where it is the whole text: one pair of braces and nothing around it.
    const cel::Expression* single() const;
    /// Of a channel: whether the payload decides how its first level goes on, so that it chooses
    /// among all channels that begin alike, not among those below a level of their own.
    bool payloadChoosesFirstLevel() const;

    /// What the results look like: captures where a value is not known. `values` lends a message
    /// of which only the topic is known; null: that is not known either.
    std::vector<Pattern::Part> shape(const MessageValues* values) const;

    const std::string& text() const { return text_; }

  private:
    /// One piece of the text, in order: a literal or an expression.
    struct Step {
        std::string literal;
        std::optional<cel::Expression> expression;
        bool isOfTopic = false;    // what the expression refers to is fixed by the topic
        bool keepsSlash = false;   // all of it is
        bool looksInside = false;  // some of it is in the payload
    };
    class Parser;

    void insert(const Step& step, std::string_view value, std::string& out) const;
    std::optional<Failure> append(const Step& step, const MessageValues& values, cel::Arena& arena,
                                  std::string& out) const;

    std::string text_;
    Use use_ = Use::Text;
    std::vector<Step> steps_;
};

/// Appends what a value is as text; a failure where it is none.
std::optional<Failure> appendText(std::string& out, const cel::Value& value,
                                  std::string_view expression);

}  // namespace sluice
