#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice {

/// Why a request is refused before anybody looks at what it asks for. Texts are literals.
struct HttpRefusal {
    int status = 400;
    std::string_view code;
    std::string_view message;
    std::string_view hint;
};

/// What a request may cost.
struct HeadLimits {
    std::size_t bytesMax = 8 * 1024;  // request line and fields with their line ends
    std::size_t fieldsMax = 100;
    std::size_t bodyBytesMax = 4 * 1024 * 1024;  // a length beyond it is refused with the head
};

/// A piece of the text that was parsed.
struct TextSpan {
    std::uint32_t begin = 0, length = 0;
    std::string_view of(std::string_view text) const { return text.substr(begin, length); }
};

/// A request head (RFC 9112 sections 2 to 7) as places in the text that was parsed.
struct RequestHead {
    enum class Body : std::uint8_t { None, Length, Chunked };
    struct Field {
        TextSpan name, value;  // the value without white space around it
    };
    std::size_t length = 0;  // bytes up to and with the empty line
    TextSpan method;
    TextSpan path;   // as it was sent, still encoded; begins with '/', or is "*"
    TextSpan query;  // without its '?'
    std::vector<Field> fields;
    bool isHttp10 = false;
    bool keepAlive = true;
    bool expectsContinue = false;
    Body body = Body::None;
    std::size_t contentLength = 0;
};

enum class HeadState : std::uint8_t { Incomplete, Complete, Refused };
struct HeadResult {
    HeadState state = HeadState::Incomplete;
    HttpRefusal refusal;  // of Refused
};

/// Reads the head that `bytes` begins with; what follows it is not looked at. Pure; any thread.
///
/// Stricter than RFC 9112 where leniency smuggles: lines end in CRLF, no folded fields, no space
/// before a colon, no control characters, one Host, at most one of Content-Length and
/// Transfer-Encoding and each at most once, no coding but chunked. More lenient in one point: bytes
/// above 0x7f may stand in the target, as curl sends them. An incomplete head is refused as soon
/// as it can no longer become a good one.
HeadResult parseHead(std::string_view bytes, const HeadLimits& limits, RequestHead& head);

/// Whether `text` is a token (RFC 9110 section 5.6.2).
bool isHttpToken(std::string_view text);
/// ASCII case does not matter.
bool equalIgnoringCase(std::string_view left, std::string_view right);

}  // namespace sluice
