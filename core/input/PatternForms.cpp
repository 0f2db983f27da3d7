#include "input/PatternForms.h"

namespace sluice {
namespace {

void appendEscaped(std::string& out, std::string_view text, std::string_view special) {
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
}

std::string regexOf(const Pattern& pattern) {
    std::string regex = "^";
    for (const Pattern::Part& part : pattern.parts()) {
        if (!part.isCapture)
            appendEscaped(regex, part.text, ".+*?()|[]{}^$\\");
        else if (part.takesRest)
            regex += ".+";
        else
            regex.append("[^").append(1, pattern.separator()).append("]+");
    }
    return regex += '$';
}

std::string globOf(const Pattern& pattern) {
    std::string glob;
    for (const Pattern::Part& part : pattern.parts()) {
        if (part.isCapture)
            glob += '*';
        else
            appendEscaped(glob, part.text, "*?[]^-\\");
    }
    return glob;
}

/// A level with a capture becomes `+` as a whole, since MQTT knows no parts of levels; the rest
/// becomes `#` in the place of the level in which it begins.
std::string filterOf(const Pattern& pattern) {
    std::string filter, level;
    bool hasCapture = false;
    for (const Pattern::Part& part : pattern.parts()) {
        if (part.isCapture && part.takesRest) return filter + "#";
        hasCapture = hasCapture || part.isCapture;
        if (part.isCapture) continue;
        for (const char c : part.text) {
            if (c != pattern.separator()) {
                level += c;
                continue;
            }
            filter += (hasCapture ? "+" : level) + c;
            hasCapture = false;
            level.clear();
        }
    }
    return filter + (hasCapture ? "+" : level);
}

sluice_text lend(const std::string& text) {
    return {text.data(), text.size()};
}

}  // namespace

PatternForms::PatternForms(const Pattern& pattern, std::uint32_t needs)
    : isLiteral_{pattern.isLiteral()},
      text_{pattern.text()},
      prefix_{pattern.literalPrefix()},
      regex_{regexOf(pattern)},
      glob_{globOf(pattern)},
      filter_{filterOf(pattern)},
      needs_{needs} {}

sluice_pattern PatternForms::view() const {
    sluice_pattern pattern{};
    pattern.size = sizeof pattern;
    pattern.is_literal = isLiteral_ ? 1 : 0;
    pattern.text = lend(text_);
    pattern.literal = isLiteral_ ? lend(prefix_) : sluice_text{};
    pattern.prefix = lend(prefix_);
    pattern.regex = lend(regex_);
    pattern.glob = lend(glob_);
    pattern.filter = lend(filter_);
    pattern.needs = needs_;
    return pattern;
}

}  // namespace sluice
