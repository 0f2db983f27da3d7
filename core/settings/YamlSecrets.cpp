#include "settings/YamlSecrets.h"

#include <algorithm>
#include <cctype>

#include "base/Nearest.h"
#include "base/UrlSecrets.h"

namespace sluice::yaml {
namespace {

/// Whether a word of the name is a slip of one that stands for a secret: `pasword`, `passwd`.
bool isSlipOfSecret(std::string_view name) {
    constexpr std::size_t kSlipMax = 2;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find_first_of("_.-"), name.size());
        const std::string_view word = name.substr(0, end);
        if (word == "pass" || word == "pwd" || editDistance(word, "password") <= kSlipMax ||
            editDistance(word, "passphrase") <= kSlipMax || editDistance(word, "secret") <= 1 ||
            editDistance(word, "token") <= 1)
            return true;
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return false;
}

bool isSecretName(std::string_view written, std::string_view value) {
    std::string name{written};
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const char* const word :
         {"password", "passphrase", "secret", "token", "jaas", "oauthbearer.config", "key.pem"})
        if (name.find(word) != std::string::npos) return true;
    if (isSlipOfSecret(name)) return true;
    return name.ends_with("key") && value.find('{') == std::string_view::npos;
}

/// The end of the value that begins at `begin`: behind its closing quote, or where a flow mapping
/// goes on.
std::size_t endOfValue(std::string_view line, std::size_t begin) {
    if (begin < line.size() && (line[begin] == '"' || line[begin] == '\''))
        return std::min(line.find(line[begin], begin + 1), line.size() - 1) + 1;
    std::size_t end = begin;
    std::size_t braces = 0;  // `${NAME}` belongs to a value
    for (; end < line.size(); ++end) {
        if (line[end] == '{') ++braces;
        if (line[end] == ',' || (line[end] == '}' && braces-- == 0)) break;
    }
    return end;
}

/// The word that ends before `end`, without quotes around it.
std::string_view wordBefore(std::string_view line, std::size_t end) {
    const std::size_t last = line.substr(0, end).find_last_not_of("\"' ");
    if (last == std::string_view::npos) return {};
    const std::size_t before = line.find_last_of(" {,\"'", last);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    return line.substr(begin, last + 1 - begin);
}

/// Whether a key may begin at this place: at the beginning of a line or an item, or within braces.
bool mayBeKey(std::string_view line, std::size_t begin) {
    const std::size_t last = line.substr(0, begin).find_last_not_of("\"' ");
    if (last == std::string_view::npos || line[last] == ',') return true;
    if (line[last] == '{') return last == 0 || line[last - 1] != '$';
    return line.substr(0, last + 1).find_first_not_of(" -") == std::string_view::npos;
}

/// `key: value`, or the slip `key:value` where a key may stand.
bool isKeyEnd(std::string_view line, std::size_t colon) {
    if (colon + 1 < line.size() && line[colon + 1] == ' ') return true;
    const std::string_view word = wordBefore(line, colon);
    return !word.empty() && mayBeKey(line, static_cast<std::size_t>(word.data() - line.data()));
}

/// A value that is one variable stays, but for its default.
std::string coveredValue(const std::string& value) {
    const std::size_t begin = value.find("${"), end = value.find('}');
    const bool isVariable = begin <= 1 && end != value.npos && end + 1 + begin >= value.size();
    if (!isVariable) return stars(value);
    const std::size_t standard = std::min(value.find(":-"), end - 2) + 2;
    return value.substr(0, standard) + stars(value.substr(standard, end - standard)) +
           value.substr(end);
}

std::size_t indentOf(std::string_view line) {
    return std::min(line.find_first_not_of(" \t"), line.size());
}

/// Whether what stands in this line, or a part of it, belongs to the secret of a key that stands in
/// a line above: a block, a text in quotes that goes on, a value below its key.
bool continuesSecret(const Source& source, std::uint32_t number) {
    const std::string_view line = source.line(number);
    const bool hasKey = valueOnLine(source, number).hasKey;
    std::size_t indent = indentOf(line);
    for (std::uint32_t above = number - 1; above > 0 && indent > 0; --above) {
        const std::string_view text = source.line(above);
        const std::size_t own = indentOf(text);
        if (own >= indent || own == text.size() || text[own] == '#') continue;
        indent = own;
        const LineValue first = valueOnLine(source, above);
        if (!first.hasKey) continue;
        const bool isLast = text.ends_with(':');  // of a line with several
        const std::string_view value = isLast ? std::string_view{} : first.text;
        const std::size_t behind = isLast ? text.size() : first.offset - source.lineBegin(above);
        const std::size_t colon = text.substr(0, behind).rfind(':');
        if (!isSecretName(wordBefore(text, colon), line)) continue;
        const bool isOpen = value.starts_with('|') || value.starts_with('>') ||
                            ((value.starts_with('"') || value.starts_with('\'')) &&
                             value.find(value.front(), 1) == std::string_view::npos);
        if (isOpen || !hasKey) return true;
    }
    return false;
}

/// A key may be `password:hunter2`, without the space: covers what of it a message quotes, or has
/// as it is.
std::string withSlipsCovered(std::string text, bool hasBareKeys) {
    for (std::size_t colon = text.find(':'); colon != std::string::npos;
         colon = text.find(':', colon + 1)) {
        const std::string_view word = wordBefore(text, colon);
        if (colon + 1 == text.size() || text[colon + 1] == ' ' || !isSecretName(word, "")) continue;
        const auto begin = static_cast<std::size_t>(word.data() - text.data());
        const bool isQuoted =
            begin > 0 && std::string_view{"'\"{"}.find(text[begin - 1]) != std::string_view::npos &&
            (begin < 2 || text[begin - 2] != '$');
        if (!isQuoted && !hasBareKeys) continue;
        const std::size_t end =
            isQuoted ? std::min(text.find_first_of("'\"}", colon), text.size()) : text.size();
        text.replace(colon + 1, end - colon - 1, stars(text.substr(colon + 1, end - colon - 1)));
    }
    return text;
}

}  // namespace

std::string covered(std::string_view line) {
    std::string text = withUrlsCovered(line);
    for (std::size_t colon = text.find(':'); colon != std::string::npos;
         colon = text.find(':', colon + 1)) {
        if (colon == 0 || !isKeyEnd(text, colon)) continue;
        const std::size_t begin = std::min(text.find_first_not_of(' ', colon + 1), text.size());
        const std::size_t end = endOfValue(text, begin);
        const std::string value = text.substr(begin, end - begin);
        if (isSecretName(wordBefore(text, colon), value))
            text.replace(begin, end - begin, coveredValue(value));
    }
    return text;
}

std::string covered(const Source& source, std::uint32_t number) {
    const std::string_view line = source.line(number);
    if (!continuesSecret(source, number)) return covered(line);
    const std::size_t begin = indentOf(line);
    return std::string{line.substr(0, begin)} + stars(line.substr(begin));
}

Problem Problem::covered() const {
    Problem shown = *this;
    shown.message = withSlipsCovered(withUrlsCovered(message), code == "unknown-key");
    shown.hint = withSlipsCovered(withUrlsCovered(hint), false);
    return shown;
}

}  // namespace sluice::yaml
