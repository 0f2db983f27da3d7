#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "settings/Settings.h"

namespace sluice {

/// A value after its `${NAME}` were replaced, which still knows where its bytes came from.
class ResolvedText {
  public:
    const std::string& text() const { return text_; }
    /// Whether some of it came from the environment, and must not be shown.
    bool isFromEnvironment() const { return !secrets_.empty(); }
    /// Whether a message shows something that came from the environment.
    bool isShownBy(std::string_view message) const;
    /// Where a byte of text() stood before; for one of a variable's value, where its `${` stood.
    std::size_t offsetBefore(std::size_t offset) const;

  private:
    friend class VariableResolver;
    struct Piece {
        std::size_t after, before;  // where it begins in either text
        bool isReplaced;
    };
    std::string text_;
    std::vector<Piece> pieces_;
    std::vector<std::string> secrets_;  // values of the environment, none empty
};

struct VariableError {
    std::size_t offset = 0;  // in the text as it was
    std::string code, message, hint;
};

/// Replaces `${NAME}`, `${NAME:-default}`, `${file:PATH}` and `${file:PATH:-default}`; see load().
/// All errors are appended; a variable that has one is left out.
ResolvedText resolveVariables(std::string_view text, const Environment& environment,
                              std::vector<VariableError>& errors);

}  // namespace sluice
