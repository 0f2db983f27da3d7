#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/RequestHead.h"

namespace sluice {

/// What is answered, whole. A value.
struct HttpResponse {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::chrono::milliseconds hold{0};  // before it is sent; no thread waits
    /// What a 401 says of whoever showed a key.
    enum class Guess : std::uint8_t {
        Key,      // it may be guessed
        Session,  // the application does not know its cookies: a guess, or a reader who logged out
        None      // nobody guessed it: it has expired, say
    };
    Guess guess = Guess::Key;
    bool hasBody = true;  // false: no Content-Length either (the head of a stream, 204, 304)

    HttpResponse& with(std::string name, std::string value) & {
        fields.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    HttpResponse&& with(std::string name, std::string value) && {
        fields.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
};

/// What every error says: `{"error": {"code", "field", "message", "hint"}}`, of a text that is
/// wrong in one place also "column" and "excerpt".
struct HttpErrorText {
    std::string_view code;       // stable, for programs: lower-case words joined by '-'
    std::string_view field;      // what was wrong in the request; may be empty
    std::string_view message;    // for people
    std::string_view hint;       // what to do instead; may be empty
    std::size_t column = 0;      // in the field's text, in characters from 1; 0: is not said
    std::string_view excerpt{};  // the text and a caret below the place; empty: is not said
};
HttpResponse errorResponse(int status, const HttpErrorText& text);
HttpResponse errorResponse(const HttpRefusal& refusal);
HttpResponse jsonResponse(std::string json);
HttpResponse textResponse(std::string text);

/// How a response goes out on its connection.
struct ResponseStyle {
    bool isHttp10 = false;
    bool keepAlive = true;
    bool isHead = false;  // the head only, as for GET
};
/// The bytes of the response, with Date, Connection and Content-Length. REQUIRES: no CR or LF in
/// the fields.
std::string composeResponse(const HttpResponse& response, const ResponseStyle& style);

/// `Tue, 24 Nov 2026 21:08:39 GMT`, now (RFC 9110 section 5.6.7).
std::string httpDate();
std::string_view reasonOf(int status);

}  // namespace sluice
