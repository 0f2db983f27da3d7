#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "settings/Yaml.h"

namespace sluice::yaml {

/// The text of a file and its lines. Immutable; the cache of mark() makes it one thread's only
/// until the document is built.
class Source {
  public:
    /// Drops a BOM. Lines end in LF (a CR before it belongs to the end).
    explicit Source(std::string bytes);

    std::string_view text() const { return text_; }
    std::uint32_t lineCount() const { return static_cast<std::uint32_t>(lines_.size()); }
    /// Without its end. REQUIRES: 1 <= line <= lineCount().
    std::string_view line(std::uint32_t line) const;
    std::size_t lineBegin(std::uint32_t line) const { return lines_[line - 1]; }

    /// From a line and column that count from 0, as libyaml does; cut to what exists. (Its index
    /// counts a CRLF inside of a scalar as one, so it cannot be used.)
    Mark mark(std::size_t line, std::size_t column) const;
    Mark markAtOffset(std::size_t offset) const;

  private:
    std::string text_;
    std::vector<std::size_t> lines_;  // where each begins
    mutable Mark last_;               // marks mostly come in order: walk on from the last one
};

/// The value that a line of a block mapping or list has behind `key: ` or `- `, without a comment.
struct LineValue {
    std::size_t offset = 0;  // in the source
    std::string_view text;   // empty: there is none
    bool hasKey = false;
};
LineValue valueOnLine(const Source& source, std::uint32_t line);

/// The text as a quoted scalar, for hints.
std::string quoted(std::string_view text);

/// Where byte `textOffset` of a scalar's text stands: walks source and text together. npos when
/// both do not agree.
std::size_t sourceOffset(const Source& source, const Node& scalar, std::size_t textOffset);

}  // namespace sluice::yaml
