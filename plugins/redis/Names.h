#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <regex.h>

#include <sluice/plugin.hpp>

namespace sluice::redis {

/// A POSIX extended regular expression. Immutable; cheap to copy.
class Expression {
  public:
    /// One that is none for POSIX takes everything: the host matches exactly in any case.
    explicit Expression(const std::string& text);
    bool matches(std::string_view text) const;

  private:
    struct Free {
        void operator()(regex_t* expression) const {
            regfree(expression);
            delete expression;
        }
    };
    std::shared_ptr<const regex_t> expression_;  // shared: immutable, and copied with its owner
};

/// Whether a Redis glob takes a name. Of globs only what the host writes: `*`, and `\` before a
/// character that stands for itself.
bool globTakes(std::string_view glob, std::string_view name);

/// One item of the option `streams`: a key, or a pattern of keys in the syntax of `from` with `:`
/// between levels.
class StreamName {
  public:
    /// Absent: it is no pattern; `error` says why.
    static std::optional<StreamName> parse(std::string_view text, std::string& error);

    bool isLiteral() const { return isLiteral_; }
    /// The key, if it is literal; else the text before the first capture.
    const std::string& prefix() const { return prefix_; }
    const std::string& text() const { return text_; }
    bool takes(std::string_view key) const;
    /// Whether it takes everything that the pattern does; may err towards false.
    bool takesAllOf(const plugin::Pattern& pattern) const;
    /// Whether both may take the same key; may err towards true.
    bool mayMeet(const plugin::Pattern& pattern) const;

  private:
    StreamName(std::string_view text, std::string prefix, std::string regex, bool isLiteral,
               bool isPrefix)
        : text_(text),
          prefix_(std::move(prefix)),
          regex_(std::move(regex)),
          expression_(regex_),
          isLiteral_(isLiteral),
          isPrefix_(isPrefix) {}

    std::string text_, prefix_, regex_;
    Expression expression_;
    bool isLiteral_, isPrefix_;  // isPrefix_: TEXT{rest**}
};

/// The option `streams`: which topics are Redis Streams. Immutable.
class StreamNames {
  public:
    StreamNames() = default;
    explicit StreamNames(std::vector<StreamName> names) : names_(std::move(names)) {}

    bool empty() const { return names_.empty(); }
    bool takes(std::string_view topic) const;
    const std::vector<StreamName>& all() const { return names_; }

  private:
    std::vector<StreamName> names_;
};

}  // namespace sluice::redis
