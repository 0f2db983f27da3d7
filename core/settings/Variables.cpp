#include "settings/Variables.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <unistd.h>

#include "base/Nearest.h"
#include "base/Utf8.h"

namespace sluice {
namespace {

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isName(std::string_view text) {
    return !text.empty() && isNameStart(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return isNameStart(c) || (c >= '0' && c <= '9'); });
}

constexpr std::string_view kFilePrefix = "file:";
constexpr std::size_t kFileBytesMax = 64u << 10;

/// Without the line end that editors leave behind.
std::optional<std::string> contentOf(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text(kFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad() || !file.eof() || text.size() > kFileBytesMax) return std::nullopt;
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

}  // namespace

class VariableResolver {
  public:
    VariableResolver(std::string_view text, const Environment& environment,
                     std::vector<VariableError>& errors)
        : text_{text}, environment_{environment}, errors_{errors} {}

    ResolvedText resolve() {
        while (at_ < text_.size()) {
            const std::string_view rest = text_.substr(at_);
            if (rest.starts_with("$${")) {
                literal(1, 2);
            } else if (rest.starts_with("${")) {
                variable();
            } else {
                literal(0, std::max<std::size_t>(1, std::min(rest.find('$'), rest.size())));
            }
        }
        return std::move(result_);
    }

  private:
    /// Leaves `skipped` bytes out and takes the next `count` as they are.
    void literal(std::size_t skipped, std::size_t count) {
        at_ += skipped;
        result_.pieces_.push_back({result_.text_.size(), at_, false});
        result_.text_ += text_.substr(at_, count);
        at_ += count;
    }

    void variable() {
        const std::size_t begin = at_;
        const std::size_t close = text_.find('}', begin);
        if (close == std::string_view::npos) {
            fail(begin, "variable", "this `${` is not closed",
                 "write ${NAME} or ${NAME:-default}, or $${ for a literal ${");
            at_ = text_.size();
            return;
        }
        at_ = close + 1;
        const std::string_view inside = text_.substr(begin + 2, close - begin - 2);
        const std::size_t dash = inside.find(":-");
        const std::string_view name = inside.substr(0, dash);
        const bool isFile = name.starts_with(kFilePrefix);
        if (!isFile && !isName(name)) {
            fail(begin, "variable", "'" + std::string{name} + "' is no name of a variable",
                 "write ${NAME} or ${NAME:-default}, or $${ for a literal ${");
            return;
        }
        const bool hasDefault = dash != std::string_view::npos;
        const std::string_view otherwise = hasDefault ? inside.substr(dash + 2) : "";
        result_.pieces_.push_back({result_.text_.size(), begin, true});
        if (isFile)
            replaceByFile(begin, name.substr(kFilePrefix.size()), hasDefault, otherwise);
        else
            replace(begin, name, hasDefault, otherwise);
    }

    void replace(std::size_t begin, std::string_view name, bool hasDefault,
                 std::string_view otherwise) {
        const auto found = environment_.find(name);
        const bool isSet = found != environment_.end();
        if (hasDefault && (!isSet || found->second.empty())) {
            result_.text_ += otherwise;
        } else if (!isSet) {
            unset(begin, name);
        } else if (!isUtf8(found->second)) {
            fail(begin, "variable", "the value of " + std::string{name} + " is not UTF-8",
                 "set it to text");
        } else {
            result_.text_ += found->second;
            if (!found->second.empty()) result_.secrets_.push_back(found->second);
        }
    }

    void replaceByFile(std::size_t begin, std::string_view path, bool hasDefault,
                       std::string_view otherwise) {
        if (!environment_.hasFiles)
            return fail(begin, "variable", "no file is read here", "write what it holds");
        const std::optional<std::string> content = contentOf(std::string{path});
        if (!content && hasDefault) {
            result_.text_ += otherwise;
        } else if (!content) {
            fail(begin, "unreadable-file", "the file " + std::string{path} + " cannot be read",
                 "write ${file:PATH} of a file of at most 64 KiB that this user may read");
        } else if (!isUtf8(*content)) {
            fail(begin, "variable", "the content of " + std::string{path} + " is not UTF-8",
                 "write text into it");
        } else {
            result_.text_ += *content;
            if (!content->empty()) result_.secrets_.push_back(*content);
        }
    }

    void unset(std::size_t begin, std::string_view name) {
        std::vector<std::string> names;
        for (const auto& [known, unused] : environment_) names.push_back(known);
        const std::string text{name};
        fail(begin, "unset-variable",
             "the environment has no variable " + text + didYouMean(name, names),
             "set it, or give it a default: ${" + text + ":-default}");
    }

    void fail(std::size_t offset, const char* code, std::string message, std::string hint) {
        errors_.push_back({offset, code, std::move(message), std::move(hint)});
    }

    const std::string_view text_;
    const Environment& environment_;
    std::vector<VariableError>& errors_;
    std::size_t at_ = 0;
    ResolvedText result_;
};

std::size_t ResolvedText::offsetBefore(std::size_t offset) const {
    const auto after =
        std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                         [](std::size_t wanted, const Piece& p) { return wanted < p.after; });
    if (after == pieces_.begin()) return offset;
    const Piece& piece = *(after - 1);
    return piece.before + (piece.isReplaced ? 0 : offset - piece.after);
}

bool ResolvedText::isShownBy(std::string_view message) const {
    return std::any_of(secrets_.begin(), secrets_.end(), [&](const std::string& secret) {
        return message.find(secret) != std::string_view::npos;
    });
}

ResolvedText resolveVariables(std::string_view text, const Environment& environment,
                              std::vector<VariableError>& errors) {
    return VariableResolver{text, environment, errors}.resolve();
}

Environment processEnvironment() {
    Environment environment;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text{*entry};
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos)
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

}  // namespace sluice
