#include "base/UrlSecrets.h"

#include <algorithm>
#include <cctype>

namespace sluice {
namespace {

constexpr std::string_view kScheme = "://";

bool isOfScheme(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
}

/// Where a URL ends whose scheme begins at `begin`: at the quote that closes the one before it,
/// else before a comment, a comma or the next URL. A password may have spaces, though none should.
std::size_t endOfUrl(std::string_view text, std::size_t begin, std::size_t authority) {
    const char before = begin == 0 ? '\0' : text[begin - 1];
    if (before == '"' || before == '\'' || before == '`')
        return std::min(text.find(before, authority), text.size());
    std::size_t end = text.size();
    for (const std::string_view stop : {" #", ", ", "\n", "\""})
        end = std::min(end, text.find(stop, authority));
    const std::size_t next = text.substr(0, end).find(kScheme, authority);
    return next == std::string_view::npos ? end : next;
}

/// A variable without a default, which may well be the password.
bool isVariable(std::string_view text) {
    return text.starts_with("${") && text.find('}') == text.size() - 1 &&
           text.find(":-") == std::string_view::npos;
}

}  // namespace

std::string stars(std::string_view text) {
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return std::string(static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins)),
                       '*');
}

std::string withUrlsCovered(std::string_view text) {
    std::string covered;
    std::size_t done = 0;
    for (std::size_t at = text.find(kScheme); at != std::string_view::npos;
         at = text.find(kScheme, at + 1)) {
        std::size_t begin = at;
        while (begin > 0 && isOfScheme(text[begin - 1])) --begin;
        const std::size_t authority = at + kScheme.size();
        const std::string_view url =
            text.substr(authority, endOfUrl(text, begin, authority) - authority);
        const std::size_t sign = url.rfind('@');
        if (sign == std::string_view::npos || authority < done) continue;
        const std::string_view login = url.substr(0, sign);
        const std::size_t colon = login.find(':');
        const std::size_t from = colon == std::string_view::npos ? 0 : colon + 1;
        const std::string_view secret = login.substr(from);
        covered += text.substr(done, authority + from - done);
        covered += isVariable(secret) ? std::string{secret} : stars(secret);
        done = authority + sign;
    }
    return covered.append(text.substr(done));
}

}  // namespace sluice
