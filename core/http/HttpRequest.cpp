#include "http/HttpRequest.h"

#include "base/Assert.h"

namespace sluice {
namespace {

constexpr std::size_t kFieldsAddedMax = 8;

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool listHas(std::string_view list, std::string_view value) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view item = list.substr(0, comma);
        if (equalIgnoringCase(trimmed(item.substr(0, item.find(';'))), value)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
    return false;
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
    for (const RequestHead::Field& field : head_.fields)
        if (equalIgnoringCase(field.name.of(text_), name)) return field.value.of(text_);
    return std::nullopt;
}

bool HttpRequest::headerHas(std::string_view name, std::string_view value) const {
    for (const RequestHead::Field& field : head_.fields)
        if (equalIgnoringCase(field.name.of(text_), name) && listHas(field.value.of(text_), value))
            return true;
    return false;
}

HttpRequest HttpRequest::rewritten(std::string_view target, std::string_view fields,
                                   std::string body) const {
    const std::string_view own = std::string_view{text_}.substr(0, head_.length);
    // Empty lines may stand before the request line.
    const std::size_t lineEnd = own.find("\r\n", head_.method.begin);
    std::string text{method()};
    text.append(" ").append(target).append(isHttp10() ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    text.append(fields).append(own.substr(lineEnd + 2));
    RequestHead head;
    HeadLimits limits;
    limits.bytesMax = text.size();
    limits.fieldsMax = head_.fields.size() + kFieldsAddedMax;
    limits.bodyBytesMax = head_.contentLength;
    const HeadResult result = parseHead(text, limits, head);
    SLUICE_ASSERT(result.state == HeadState::Complete);
    return {std::move(text), std::move(head), std::move(body), origin_};
}

std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plusIsSpace) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hexValue(text[i + 1]), low = hexValue(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::optional<HttpParameters> parseParameters(std::string_view text) {
    HttpParameters parameters;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (pair.empty()) continue;
        if (parameters.size() == kParametersMax) return std::nullopt;
        const std::size_t equals = pair.find('=');
        auto name = percentDecode(pair.substr(0, equals), true);
        auto value = percentDecode(
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!name || !value) return std::nullopt;
        parameters.emplace_back(std::move(*name), std::move(*value));
    }
    return parameters;
}

}  // namespace sluice
