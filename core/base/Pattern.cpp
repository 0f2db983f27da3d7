#include "base/Pattern.h"

#include <algorithm>

namespace sluice {
namespace {

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isName(std::string_view text) {
    if (text.empty() || !isNameStart(text.front())) return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return isNameStart(c) || (c >= '0' && c <= '9'); });
}

/// Splits a text into parts; stops at the first error.
class Parser {
  public:
    Parser(std::string_view text, std::vector<Pattern::Part>& parts) : text_{text}, parts_{parts} {}

    bool parse(Pattern::Error& error) {
        error_ = &error;
        if (text_.empty())
            return fail(0, "a pattern cannot be empty", "write {x**} for everything");
        while (at_ < text_.size())
            if (!step()) return false;
        return true;
    }

  private:
    bool step() {
        const char c = text_[at_];
        const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == c;
        if (c == '{' && !doubled) return capture();
        if (c == '}' && !doubled)
            return fail(at_, "this '}' closes nothing", "write }} for a literal brace");
        if (!afterRest()) return false;
        literal(c);
        at_ += c == '{' || c == '}' ? 2 : 1;
        return true;
    }

    void literal(char c) {
        if (parts_.empty() || parts_.back().isCapture) parts_.emplace_back();
        parts_.back().text += c;
    }

    bool capture() {
        const std::size_t close = text_.find('}', at_);
        if (close == std::string_view::npos)
            return fail(at_, "this '{' is not closed", "write {name}, or {{ for a literal brace");
        std::string_view name = text_.substr(at_ + 1, close - at_ - 1);
        const bool rest = name.ends_with("**");
        if (rest) name.remove_suffix(2);
        if (!isName(name))
            return fail(at_ + 1, "a capture needs a name of letters, digits and _",
                        "write {name} for one level, {name**} for the rest");
        if (name == "true" || name == "false" || name == "null" || name == "in")
            return fail(at_ + 1, "'" + std::string{name} + "' is a word of expressions",
                        "give the capture another name");
        if (!afterRest()) return false;
        if (!parts_.empty() && parts_.back().isCapture)
            return fail(at_, "two captures need text between them", "leave one of them out");
        for (const Pattern::Part& part : parts_)
            if (part.isCapture && part.text == name)
                return fail(at_ + 1, "the name '" + part.text + "' is taken already",
                            "give each capture a name of its own");
        parts_.push_back({true, rest, std::string{name}});
        at_ = close + 1;
        return true;
    }

    bool afterRest() {
        if (parts_.empty() || !parts_.back().takesRest) return true;
        return fail(at_, "nothing can follow {" + parts_.back().text + "**}",
                    "it takes the rest: let it stand last");
    }

    bool fail(std::size_t offset, std::string message, std::string hint) {
        *error_ = {offset, std::move(message), std::move(hint)};
        return false;
    }

    std::string_view text_;
    std::vector<Pattern::Part>& parts_;
    Pattern::Error* error_ = nullptr;
    std::size_t at_ = 0;
};

/// One state of the automaton that accepts what a pattern matches.
struct Item {
    enum class Kind { Char, Level, Any };
    Kind kind = Kind::Char;
    bool repeats = false;  // zero or more of it
    char c = 0;            // the character, or the separator that Level excludes
};

void addItems(std::vector<Item>& items, const Pattern::Part& part, char separator,
              bool mayBeEmpty) {
    if (!part.isCapture) {
        for (const char c : part.text) items.push_back({Item::Kind::Char, false, c});
        return;
    }
    const Item::Kind kind = part.takesRest ? Item::Kind::Any : Item::Kind::Level;
    if (!mayBeEmpty) items.push_back({kind, false, separator});
    items.push_back({kind, true, separator});
}

bool intersect(const Item& a, const Item& b) {
    if (a.kind == Item::Kind::Char && b.kind == Item::Kind::Char) return a.c == b.c;
    if (a.kind == Item::Kind::Char) return b.kind == Item::Kind::Any || a.c != b.c;
    if (b.kind == Item::Kind::Char) return a.kind == Item::Kind::Any || a.c != b.c;
    return true;
}

/// Whether both automata accept some common text: a search over the pairs of their states.
bool haveCommonText(const std::vector<Item>& a, const std::vector<Item>& b) {
    const std::size_t width = b.size() + 1;
    std::vector<bool> seen((a.size() + 1) * width);
    std::vector<std::size_t> open;
    const auto visit = [&](std::size_t i, std::size_t j) {
        if (seen[i * width + j]) return;
        seen[i * width + j] = true;
        open.push_back(i * width + j);
    };
    visit(0, 0);
    while (!open.empty()) {
        const std::size_t i = open.back() / width;
        const std::size_t j = open.back() % width;
        open.pop_back();
        if (i == a.size() && j == b.size()) return true;
        if (i < a.size() && a[i].repeats) visit(i + 1, j);
        if (j < b.size() && b[j].repeats) visit(i, j + 1);
        if (i < a.size() && j < b.size() && intersect(a[i], b[j]))
            visit(a[i].repeats ? i : i + 1, b[j].repeats ? j : j + 1);
    }
    return false;
}

std::vector<Item> itemsOf(const std::vector<Pattern::Part>& parts, char separator,
                          bool mayBeEmpty) {
    std::vector<Item> items;
    for (const Pattern::Part& part : parts) addItems(items, part, separator, mayBeEmpty);
    return items;
}

}  // namespace

std::optional<Pattern> Pattern::parse(std::string_view text, char separator, Error* error) {
    Pattern pattern;
    Error unused;
    if (!Parser{text, pattern.parts_}.parse(error ? *error : unused)) return std::nullopt;
    pattern.text_ = text;
    pattern.separator_ = separator;
    for (const Part& part : pattern.parts_)
        if (part.isCapture) pattern.names_.push_back(part.text);
    return pattern;
}

bool Pattern::matches(std::string_view subject) const {
    if (isLiteral()) return subject == parts_.front().text;
    return match(subject, nullptr);
}

bool Pattern::match(std::string_view subject, Captures& captures) const {
    captures.clear();
    return match(subject, &captures);
}

/// Each capture ends at the first occurrence of the literal behind it. No later end can do better:
/// a literal with a separator has one place only, and text without one may as well belong to the
/// next capture of the level.
bool Pattern::match(std::string_view subject, Captures* captures) const {
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const Part& part = parts_[i];
        if (!part.isCapture) {
            if (subject.compare(at, part.text.size(), part.text) != 0) return false;
            at += part.text.size();
            continue;
        }
        const std::size_t end = endOfCapture(subject, at, i);
        if (end == std::string_view::npos || end <= at) return false;
        const std::string_view value = subject.substr(at, end - at);
        if (!part.takesRest && value.find(separator_) != std::string_view::npos) return false;
        if (captures) captures->push_back(value);
        at = end;
    }
    return at == subject.size();
}

std::size_t Pattern::endOfCapture(std::string_view subject, std::size_t at,
                                  std::size_t part) const {
    if (part + 1 == parts_.size()) return subject.size();
    const std::string& literal = parts_[part + 1].text;
    if (part + 2 < parts_.size()) return subject.find(literal, at + 1);
    return subject.size() < at + literal.size() ? at : subject.size() - literal.size();
}

bool Pattern::covers(const Pattern& other) const {
    if (other.isLiteral()) return matches(other.parts_.front().text);
    const bool takesAllBehindItsText = parts_.back().takesRest && parts_.size() <= 2 &&
                                       (parts_.size() == 1 || !parts_.front().isCapture);
    if (takesAllBehindItsText && other.literalPrefix().starts_with(literalPrefix())) return true;
    return separator_ == other.separator_ &&
           std::equal(parts_.begin(), parts_.end(), other.parts_.begin(), other.parts_.end(),
                      [](const Part& a, const Part& b) {
                          return a.isCapture == b.isCapture && a.takesRest == b.takesRest &&
                                 (a.isCapture || a.text == b.text);
                      });
}

bool Pattern::overlaps(const Pattern& other) const {
    if (isLiteral()) return other.matches(parts_.front().text);
    if (other.isLiteral()) return matches(other.parts_.front().text);
    return haveCommonText(itemsOf(parts_, separator_, false),
                          itemsOf(other.parts_, other.separator_, false));
}

bool Pattern::overlapsShape(const std::vector<Part>& shape) const {
    return haveCommonText(itemsOf(parts_, separator_, false), itemsOf(shape, separator_, true));
}

bool Pattern::isLiteral() const {
    return parts_.size() == 1 && !parts_.front().isCapture;
}

std::string_view Pattern::literalPrefix() const {
    return parts_.front().isCapture ? std::string_view{} : std::string_view{parts_.front().text};
}

}  // namespace sluice
