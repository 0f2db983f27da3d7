#include "http/RequestHead.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sluice {
namespace {

using std::string_view;

constexpr string_view kLineEnds = "end every line with CR LF (\\r\\n)";
constexpr HttpRefusal kBadLine{400, "bad-line",
                               "the request has a line end or a control character "
                               "that does not belong there",
                               kLineEnds};
constexpr HttpRefusal kBadRequestLine{400, "bad-request-line",
                                      "the request line is not METHOD SP "
                                      "TARGET SP HTTP/1.1",
                                      ""};
constexpr HttpRefusal kBadTarget{400, "bad-target",
                                 "the request target is not a path that begins "
                                 "with /",
                                 "percent-encode spaces and #"};
constexpr HttpRefusal kTargetTooLong{414, "target-too-long", "the request line is too long",
                                     "split the channels over several streams"};
constexpr HttpRefusal kHeadTooLarge{431, "head-too-large", "the request head is too large",
                                    "send fewer or shorter header fields, such as cookies"};
constexpr HttpRefusal kUnknownMethod{501, "unknown-method", "this method is not known here", ""};
constexpr HttpRefusal kBadVersion{505, "bad-version", "only HTTP/1.1 and HTTP/1.0 are spoken here",
                                  "HTTP/2 needs a proxy in front"};
constexpr HttpRefusal kBadField{400, "bad-field", "a header field is not NAME: VALUE",
                                "no space before the colon, no folded lines"};
constexpr HttpRefusal kBadHost{400, "bad-host", "there must be exactly one valid Host field", ""};
constexpr HttpRefusal kBadLength{400, "bad-content-length",
                                 "Content-Length must be one number, given "
                                 "once, without Transfer-Encoding",
                                 ""};
constexpr HttpRefusal kBodyTooLarge{413, "body-too-large", "the request body is too large",
                                    "send it in several requests"};
constexpr HttpRefusal kBadEncoding{400, "bad-transfer-encoding",
                                   "Transfer-Encoding must be chunked, "
                                   "given once, in HTTP/1.1",
                                   ""};
constexpr HttpRefusal kUnknownEncoding{501, "unknown-transfer-encoding",
                                       "no Transfer-Encoding but chunked is known here", ""};
constexpr HttpRefusal kBadExpect{417, "bad-expect", "Expect can only be 100-continue", ""};

constexpr std::array kMethods{string_view{"GET"},     string_view{"HEAD"}, string_view{"POST"},
                              string_view{"OPTIONS"}, string_view{"PUT"},  string_view{"DELETE"},
                              string_view{"PATCH"},   string_view{"TRACE"}};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isAlnum(char c) {
    return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}
bool isTokenChar(char c) {
    return isAlnum(c) || (c != 0 && string_view{"!#$%&'*+-.^_`|~"}.find(c) != string_view::npos);
}
/// What may stand in a line: visible characters, spaces, tabs and everything above 0x7f.
bool isTextChar(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}
bool isTargetChar(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != '#';
}
bool isHostChar(char c) {
    return isAlnum(c) || (c != 0 && string_view{"-._~%!$&'()*+;=:[]"}.find(c) != string_view::npos);
}

string_view trimmed(string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Parses one head; every step returns whether it may go on, else `result_` says why not.
class HeadParser {
  public:
    HeadParser(string_view bytes, const HeadLimits& limits, RequestHead& head)
        : bytes_{bytes.substr(0, limits.bytesMax)},
          isCut_{bytes.size() >= limits.bytesMax},
          limits_{limits},
          head_{head} {
        head_ = RequestHead{};
    }

    HeadResult parse() {
        string_view line;
        do {
            if (!nextLine(line, kTargetTooLong)) return result_;
        } while (line.empty());  // RFC 9112 section 2.2: empty lines before a request
        if (!requestLine(line)) return result_;
        for (;;) {
            if (!nextLine(line, kHeadTooLarge)) return result_;
            if (line.empty()) break;
            if (!field(line)) return result_;
        }
        if (finish()) result_.state = HeadState::Complete;
        return result_;
    }

  private:
    bool refuse(const HttpRefusal& why) {
        result_ = {HeadState::Refused, why};
        return false;
    }

    TextSpan spanOf(string_view piece) const {
        return {static_cast<std::uint32_t>(piece.data() - bytes_.data()),
                static_cast<std::uint32_t>(piece.size())};
    }

    bool nextLine(string_view& line, const HttpRefusal& tooLong) {
        const string_view rest = bytes_.substr(at_);
        const std::size_t end = rest.find('\n');
        const bool whole = end != string_view::npos;
        string_view text = rest.substr(0, whole ? end : rest.size());
        const bool endsInCr = !text.empty() && text.back() == '\r';
        if (whole && !endsInCr) return refuse(kBadLine);
        if (endsInCr) text.remove_suffix(1);
        if (!std::all_of(text.begin(), text.end(), isTextChar)) return refuse(kBadLine);
        if (!whole) return isCut_ ? refuse(tooLong) : false;
        at_ += end + 1;
        line = text;
        return true;
    }

    bool requestLine(string_view line) {
        const std::size_t first = line.find(' ');
        const std::size_t second = first == string_view::npos ? first : line.find(' ', first + 1);
        if (second == string_view::npos) return refuse(kBadRequestLine);
        const string_view method = line.substr(0, first);
        const string_view target = line.substr(first + 1, second - first - 1);
        if (!isHttpToken(method)) return refuse(kBadRequestLine);
        if (!version(line.substr(second + 1))) return false;
        if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
            return refuse(kUnknownMethod);
        head_.method = spanOf(method);
        return this->target(method, target);
    }

    bool version(string_view text) {
        if (text.size() != 8 || text.substr(0, 5) != "HTTP/" || !isDigit(text[5]) ||
            text[6] != '.' || !isDigit(text[7]))
            return refuse(kBadRequestLine);
        if (text != "HTTP/1.1" && text != "HTTP/1.0") return refuse(kBadVersion);
        head_.isHttp10 = text[7] == '0';
        head_.keepAlive = !head_.isHttp10;
        return true;
    }

    bool target(string_view method, string_view target) {
        if (!std::all_of(target.begin(), target.end(), isTargetChar)) return refuse(kBadTarget);
        if (target == "*" && method == "OPTIONS") {
            head_.path = spanOf(target);
            return true;
        }
        target = withoutAuthority(target);
        if (target.empty() || target.front() != '/') return refuse(kBadTarget);
        const std::size_t question = target.find('?');
        head_.path = spanOf(target.substr(0, question));
        if (question != string_view::npos) head_.query = spanOf(target.substr(question + 1));
        return true;
    }

    /// RFC 9112 section 3.2.2: a server must take `http://host/path` too.
    static string_view withoutAuthority(string_view target) {
        constexpr string_view kScheme = "http://";
        if (!equalIgnoringCase(target.substr(0, kScheme.size()), kScheme)) return target;
        const std::size_t slash = target.find('/', kScheme.size());
        return slash == string_view::npos ? string_view{} : target.substr(slash);
    }

    bool field(string_view line) {
        const std::size_t colon = line.find(':');
        // A folded line begins with white space, which is in no token.
        if (colon == string_view::npos || !isHttpToken(line.substr(0, colon)))
            return refuse(kBadField);
        if (head_.fields.size() == limits_.fieldsMax) return refuse(kHeadTooLarge);
        const string_view name = line.substr(0, colon);
        const string_view value = trimmed(line.substr(colon + 1));
        const TextSpan valueSpan = value.empty() ? TextSpan{} : spanOf(value);
        head_.fields.push_back({spanOf(name), valueSpan});
        return known(name, value);
    }

    bool known(string_view name, string_view value) {
        if (equalIgnoringCase(name, "host")) return host(value);
        if (equalIgnoringCase(name, "content-length")) return contentLength(value);
        if (equalIgnoringCase(name, "transfer-encoding")) return transferEncoding(value);
        if (equalIgnoringCase(name, "connection")) connection(value);
        if (!equalIgnoringCase(name, "expect")) return true;
        head_.expectsContinue = !head_.isHttp10;
        return equalIgnoringCase(value, "100-continue") || refuse(kBadExpect);
    }

    bool host(string_view value) {
        if (hasHost_ || !std::all_of(value.begin(), value.end(), isHostChar))
            return refuse(kBadHost);
        hasHost_ = true;
        return true;
    }

    bool contentLength(string_view value) {
        if (length_ || hasEncoding_ || value.empty() ||
            !std::all_of(value.begin(), value.end(), isDigit))
            return refuse(kBadLength);
        length_ = 0;
        for (const char c : value) {
            length_ = *length_ * 10 + static_cast<std::size_t>(c - '0');
            if (*length_ > limits_.bodyBytesMax) return refuse(kBodyTooLarge);
        }
        return true;
    }

    bool transferEncoding(string_view value) {
        if (length_) return refuse(kBadLength);
        if (hasEncoding_ || head_.isHttp10) return refuse(kBadEncoding);
        hasEncoding_ = true;
        return equalIgnoringCase(value, "chunked") || refuse(kUnknownEncoding);
    }

    void connection(string_view value) {
        while (!value.empty()) {
            const std::size_t comma = value.find(',');
            const string_view option = trimmed(value.substr(0, comma));
            if (equalIgnoringCase(option, "close")) closes_ = true;
            if (equalIgnoringCase(option, "keep-alive")) head_.keepAlive = true;
            value = comma == string_view::npos ? string_view{} : value.substr(comma + 1);
        }
    }

    bool finish() {
        if (!hasHost_ && !head_.isHttp10) return refuse(kBadHost);
        if (closes_) head_.keepAlive = false;
        if (hasEncoding_) {
            head_.body = RequestHead::Body::Chunked;
        } else if (length_ && *length_ > 0) {
            head_.body = RequestHead::Body::Length;
            head_.contentLength = *length_;
        }
        head_.length = at_;
        return true;
    }

    const string_view bytes_;
    const bool isCut_;  // the limit is reached: an incomplete line will not become complete
    const HeadLimits& limits_;
    RequestHead& head_;
    HeadResult result_;
    std::size_t at_ = 0;
    std::optional<std::size_t> length_;
    bool hasEncoding_ = false, hasHost_ = false, closes_ = false;
};

}  // namespace

HeadResult parseHead(string_view bytes, const HeadLimits& limits, RequestHead& head) {
    return HeadParser{bytes, limits, head}.parse();
}

bool isHttpToken(string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

bool equalIgnoringCase(string_view left, string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace sluice
