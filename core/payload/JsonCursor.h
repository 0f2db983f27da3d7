#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Goes through a text that is known to be JSON (isJson): takes values off its front as they are
/// written. One thread.
class JsonCursor {
  public:
    /// REQUIRES: isJson(text).
    explicit JsonCursor(std::string_view text) : rest_{text}, lastEnd_{text.data()} { skipSpace(); }

    /// The first character of what comes next; white space is behind.
    char peek() const { return rest_.front(); }
    /// Takes a bracket, comma or colon if it comes next.
    bool take(char c);
    /// Takes the whole value that comes next, without white space around it.
    std::string_view value();
    /// What was not taken yet.
    std::string_view rest() const { return rest_; }
    /// Where what was taken last ended, before white space.
    const char* lastEnd() const { return lastEnd_; }

  private:
    void skipSpace();
    std::size_t stringLength() const;
    std::size_t nestedLength() const;

    std::string_view rest_;
    const char* lastEnd_ = nullptr;
};

/// The text of a JSON string between its quotes, escapes replaced, at `out`, which has room for as
/// many bytes as `inside` has. Returns how many were written; nothing where a surrogate stands
/// alone: such a text is JSON, but no Unicode. REQUIRES: `inside` comes from valid JSON.
std::optional<std::size_t> unescapeJson(std::string_view inside, char* out);

/// A key as it counts: `token` is the string with its quotes. Keys with a lone surrogate stay as
/// they are written. `buffer` holds the text if there were escapes.
std::string_view jsonKey(std::string_view token, std::string& buffer);

}  // namespace sluice
