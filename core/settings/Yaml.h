#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// YAML 1.1 as far as a configuration needs it: one plain document of mappings, lists and scalars,
/// read with libyaml's events. Yaml*.h and Yaml*.cpp are the only files that know the library.
///
/// Nothing is interpreted: a scalar is its text and its style, so that `no`, `0123` and `1_000` are
/// what they look like. Refused are aliases, anchors, merge keys, tags, directives, duplicate keys
/// and second documents. A Document is immutable after `parse`; any thread may read it.
namespace sluice::yaml {

/// A place in the file. Lines and columns count from 1, columns in code points (a BOM not counted);
/// `offset` is in bytes behind a BOM.
struct Mark {
    std::uint32_t line = 1, column = 1;
    std::size_t offset = 0;
    bool operator==(const Mark&) const = default;
};

struct Span {
    Mark begin, end;  // end is behind the last character
    bool operator==(const Span&) const = default;
};

enum class Kind : std::uint8_t { Null, Scalar, Sequence, Mapping };
enum class Style : std::uint8_t { Plain, Single, Double, Literal, Folded, Flow, Block };

class Source;
struct Entry;

/// One value of the document. Lives in its Document; views into it live as long.
class Node {
  public:
    Kind kind() const { return kind_; }
    Style style() const { return style_; }
    /// The quotes of a quoted scalar and the `|` or `>` of a block are inside.
    Span span() const { return span_; }

    /// Scalar: decoded, UTF-8. Null: as written, which is nothing, `~` or `null`.
    std::string_view text() const { return text_; }
    /// Mapping: in file order, each key once.
    std::span<const Entry> entries() const;
    /// Sequence.
    std::span<const Node> items() const { return items_; }
    /// The value of a key of a mapping; null when absent.
    const Node* find(std::string_view key) const;

    /// Where a byte of text() stands in the file; the beginning of the value where that cannot be
    /// told.
    Mark at(std::size_t textOffset) const;

  private:
    friend class Builder;

    Kind kind_ = Kind::Null;
    Style style_ = Style::Plain;
    Span span_;
    std::string text_;
    std::vector<Node> items_;
    std::vector<Entry> entries_;
    const Source* source_ = nullptr;
};

struct Entry {
    Node key, value;  // the key is a scalar
};

/// What is wrong, and what to write instead.
struct Problem {
    std::string code;     // short and stable, such as "unknown-key"
    std::string message;  // mostly one line
    std::string hint;     // the same; may be empty
    Span where;           // the caret stands at its beginning
    bool isWarning = false;

    /// The same without the secrets that its texts may quote: passwords in URLs, and what stands
    /// behind a key that lacks its space, as in `password:hunter2`.
    Problem covered() const;
};

struct Limits {
    std::size_t bytes = 4u << 20;
    std::size_t depth = 64;       // collections inside each other
    std::size_t nodes = 200'000;  // scalars and collections
    std::size_t problems = 100;   // kept of each kind of check
};

class Document {
  public:
    /// Never throws on bad input: see problems(). `file` is for people only.
    static Document parse(std::string file, std::string bytes, const Limits& limits = {});

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    /// Null where the document is empty, and where there are problems possibly a part only.
    const Node& root() const;
    const std::string& file() const;
    /// All that Sluice itself refuses, at most one of the YAML scanner's: it cannot go on.
    std::span<const Problem> problems() const;
    /// Whether the file was read to its end, whatever was refused on the way.
    bool isWhole() const;

    /// Several lines, each ended: `FILE:LINE:COLUMN: error: MESSAGE [CODE]`, the line, the caret,
    /// the hint. Values that look like secrets are covered.
    std::string render(const Problem& problem) const;
    /// The place of a line and column, for errors found by others; the nearest one that exists.
    Mark markAt(std::uint32_t line, std::uint32_t column) const;

  private:
    struct Content;
    explicit Document(std::unique_ptr<Content> content);
    std::unique_ptr<Content> content_;
};

}  // namespace sluice::yaml
