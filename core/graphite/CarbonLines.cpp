#include "graphite/CarbonLines.h"

#include <charconv>
#include <cmath>

namespace sluice {
namespace {

bool isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == ':';
}

}  // namespace

void CarbonLines::add(std::string_view path, double value) {
    if (!std::isfinite(value)) return;
    // Whole numbers without an exponent: some that read these lines know none.
    constexpr double kWholeMax = 9e15;
    char digits[32];
    const bool isWhole = std::abs(value) < kWholeMax && std::trunc(value) == value;
    const auto end = isWhole ? std::to_chars(digits, std::end(digits), std::llround(value)).ptr
                             : std::to_chars(digits, std::end(digits), value).ptr;
    text_.append(path).append(" ").append(digits, end).append(" ").append(time_) += '\n';
}

std::string carbonPath(std::string_view text) {
    std::string path;
    for (const char c : text) {
        const bool isDot = c == '.' || c == '/';
        const bool isEmptyLevel = isDot && (path.empty() || path.back() == '.');
        if (isEmptyLevel) path += '_';
        path += isDot ? '.' : isPlain(c) ? c : '_';
    }
    if (path.empty() || path.back() == '.') path += '_';
    return path;
}

std::string carbonWord(std::string_view text) {
    std::string word;
    for (const char c : text) word += isPlain(c) ? c : '_';
    return word.empty() ? "_" : word;
}

}  // namespace sluice
