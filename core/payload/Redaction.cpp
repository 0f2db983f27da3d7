#include "payload/Redaction.h"

#include <algorithm>
#include <charconv>

#include "payload/JsonCursor.h"

namespace sluice {
namespace {

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

/// Reads the text of one path.
class Redaction::Parser {
  public:
    Parser(std::string_view text, Error& error) : text_{text}, error_{error} {}

    std::optional<Path> parse() {
        constexpr std::string_view kRoot = "payload";
        if (!text_.starts_with(kRoot))
            return fail("a path begins with `payload`", "write payload." + std::string{text_});
        at_ = kRoot.size();
        while (at_ < text_.size()) {
            const bool isRead = text_[at_] == '.' ? name() : text_[at_] == '[' && bracket();
            if (!isRead)
                return fail("this is no step of a path",
                            "write payload.name, payload['any name'], payload[0] or payload[*]");
        }
        return std::move(path_);
    }

  private:
    bool name() {
        std::size_t end = at_ + 1;
        while (end < text_.size() && isNameCharacter(text_[end])) ++end;
        if (end == at_ + 1) return false;
        path_.push_back({Step::Kind::Key, std::string{text_.substr(at_ + 1, end - at_ - 1)}, 0});
        at_ = end;
        return true;
    }

    bool bracket() {
        const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (next == '\'' || next == '"') return quoted(next);
        const std::size_t end = text_.find(']', at_);
        if (end == std::string_view::npos) return false;
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        Step step;
        step.kind = inside == "*" ? Step::Kind::AnyItem : Step::Kind::Item;
        if (inside != "*") {
            const char* const stop = inside.data() + inside.size();
            const auto [read, error] = std::from_chars(inside.data(), stop, step.item);
            if (error != std::errc{} || read != stop) return false;
        }
        path_.push_back(std::move(step));
        at_ = end + 1;
        return true;
    }

    bool quoted(char quote) {
        std::string key;
        std::size_t at = at_ + 2;
        for (; at < text_.size() && text_[at] != quote; ++at) {
            if (text_[at] == '\\' && at + 1 < text_.size()) ++at;
            key += text_[at];
        }
        if (!text_.substr(std::min(at + 1, text_.size())).starts_with(']')) return false;
        path_.push_back({Step::Kind::Key, std::move(key), 0});
        at_ = at + 2;
        return true;
    }

    std::nullopt_t fail(std::string message, std::string hint) {
        error_ = {at_, std::move(message), std::move(hint)};
        return std::nullopt;
    }

    std::string_view text_;
    Error& error_;
    std::size_t at_ = 0;
    Path path_;
};

/// Finds the values to hide and copies what stands between them.
class Redaction::Writer {
  public:
    Writer(std::string_view json, std::string& out) : json_{json}, out_{out} {}

    void write(const std::vector<Path>& paths) {
        std::vector<Rest> rests;
        for (const Path& path : paths) rests.emplace_back(path);
        visit(json_, rests);
        out_.append(json_.substr(copied_));
    }

  private:
    /// The steps of a path that are left.
    using Rest = std::span<const Step>;

    void visit(std::string_view value, const std::vector<Rest>& rests) {
        if (std::any_of(rests.begin(), rests.end(), [](Rest rest) { return rest.empty(); }))
            return hide(value);
        JsonCursor cursor{value};
        if (cursor.peek() == '{') visitObject(cursor, rests);
        if (cursor.peek() == '[') visitList(cursor, rests);
    }

    void visitObject(JsonCursor cursor, const std::vector<Rest>& rests) {
        cursor.take('{');
        if (cursor.take('}')) return;
        do {
            const std::string_view key = jsonKey(cursor.value(), key_);
            cursor.take(':');
            std::vector<Rest> matched;
            for (const Rest rest : rests)
                if (rest[0].kind == Step::Kind::Key && rest[0].key == key)
                    matched.push_back(rest.subspan(1));
            const std::string_view value = cursor.value();
            if (!matched.empty()) visit(value, matched);
        } while (cursor.take(','));
    }

    void visitList(JsonCursor cursor, const std::vector<Rest>& rests) {
        cursor.take('[');
        if (cursor.take(']')) return;
        std::uint64_t index = 0;
        do {
            std::vector<Rest> matched;
            for (const Rest rest : rests)
                if (rest[0].kind == Step::Kind::AnyItem ||
                    (rest[0].kind == Step::Kind::Item && rest[0].item == index))
                    matched.push_back(rest.subspan(1));
            const std::string_view value = cursor.value();
            if (!matched.empty()) visit(value, matched);
            ++index;
        } while (cursor.take(','));
    }

    void hide(std::string_view value) {
        const auto begin = static_cast<std::size_t>(value.data() - json_.data());
        out_.append(json_.substr(copied_, begin - copied_)).append("null");
        copied_ = begin + value.size();
    }

    std::string_view json_;
    std::string& out_;
    std::size_t copied_ = 0;  // of json_, what went out or was hidden
    std::string key_;
};

bool Redaction::add(std::string_view path, Error& error) {
    std::optional<Path> parsed = Parser{path, error}.parse();
    if (!parsed) return false;
    paths_.push_back(std::move(*parsed));
    return true;
}

bool Redaction::hidesAll() const {
    return std::any_of(paths_.begin(), paths_.end(), [](const Path& path) { return path.empty(); });
}

bool Redaction::takes(const Step& step, const cel::PathStep& taken) {
    if (!taken.isIndex) return step.kind == Step::Kind::Key && step.key == taken.key;
    if (step.kind == Step::Kind::AnyItem) return true;
    return step.kind == Step::Kind::Item && taken.index >= 0 &&
           step.item == static_cast<std::uint64_t>(taken.index);
}

Redaction Redaction::below(std::span<const cel::PathStep> path) const {
    Redaction rest;
    for (const Path& hidden : paths_) {
        const std::size_t common = std::min(hidden.size(), path.size());
        const bool isSame =
            std::equal(hidden.begin(), hidden.begin() + static_cast<std::ptrdiff_t>(common),
                       path.begin(), takes);
        if (!isSame) continue;
        rest.paths_.emplace_back(hidden.begin() + static_cast<std::ptrdiff_t>(common),
                                 hidden.end());
    }
    return rest;
}

void Redaction::write(std::string_view json, std::string& out) const {
    Writer{json, out}.write(paths_);
}

}  // namespace sluice
