#include "ServerUrl.h"

#include <charconv>

namespace sluice::redis {
namespace {

constexpr const char* kForm = "write redis://HOST:PORT/DB, or rediss://HOST:PORT/DB for TLS";

template <class Number>
std::optional<Number> parseNumber(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// RFC 3986, section 2.1.
std::optional<std::string> decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return result;
}

class Parser {
  public:
    Parser(std::string_view text, UrlError& error) : rest_(text), error_(error) {}

    std::optional<ServerUrl> parse() {
        if (!takeScheme()) return std::nullopt;
        if (rest_.find_first_of("?# \t") != rest_.npos)
            return refuse("has a ?, a # or a space in it", kForm);
        const std::size_t slash = rest_.find('/');
        const bool isGood = takeLogin(rest_.substr(0, slash)) &&
                            (slash == rest_.npos || takeDatabase(rest_.substr(slash + 1)));
        if (!isGood) return std::nullopt;
        return url_;
    }

  private:
    std::nullopt_t refuse(std::string text, std::string hint) {
        error_ = {std::move(text), std::move(hint)};
        return std::nullopt;
    }
    bool fail(std::string text, std::string hint) {
        refuse(std::move(text), std::move(hint));
        return false;
    }

    bool takeScheme() {
        for (const std::string_view scheme : {"redis://", "rediss://"}) {
            if (!rest_.starts_with(scheme)) continue;
            rest_.remove_prefix(scheme.size());
            url_.usesTls = scheme == "rediss://";
            return true;
        }
        return fail("is no URL of a Redis", kForm);
    }

    bool takeLogin(std::string_view authority) {
        const std::size_t at = authority.rfind('@');
        if (at == authority.npos) return takeAddress(authority);
        const std::string_view login = authority.substr(0, at);
        const std::size_t colon = login.find(':');
        const auto username = decoded(login.substr(0, colon));
        const auto password = decoded(colon == login.npos ? "" : login.substr(colon + 1));
        if (!username || !password)
            return fail("has a % in its login that no two hexadecimal digits follow",
                        "write %25 for a percent sign, or use username: and password:");
        if (!username->empty()) url_.username = *username;
        if (colon != login.npos) url_.password = *password;
        return takeAddress(authority.substr(at + 1));
    }

    bool takeAddress(std::string_view address) {
        std::size_t colon = address.rfind(':');
        if (address.starts_with('[')) {  // an IPv6 address
            const std::size_t close = address.find(']');
            if (close == address.npos || close == 1) return fail("has a [ without its ]", kForm);
            url_.host = address.substr(1, close - 1);
            if (close + 1 == address.size()) return true;
            if (address[close + 1] != ':') return fail("has text between ] and port", kForm);
            colon = close + 1;
        } else {
            url_.host = address.substr(0, colon);
        }
        if (url_.host.empty()) return fail("has no host", kForm);
        if (colon == address.npos) return true;
        url_.port = parseNumber<std::uint16_t>(address.substr(colon + 1));
        return (url_.port && *url_.port > 0) || fail("has a port that is none", kForm);
    }

    bool takeDatabase(std::string_view database) {
        if (database.empty()) return true;
        url_.database = parseNumber<std::uint32_t>(database);
        return url_.database || fail("has a database that is no number", kForm);
    }

    std::string_view rest_;
    UrlError& error_;
    ServerUrl url_;
};

}  // namespace

std::optional<ServerUrl> parseServerUrl(std::string_view text, UrlError& error) {
    return Parser(text, error).parse();
}

}  // namespace sluice::redis
