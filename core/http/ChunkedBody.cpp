#include "http/ChunkedBody.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr HttpRefusal kBadChunk{400, "bad-chunk", "the chunked body is malformed", ""};
constexpr HttpRefusal kTooLarge{413, "body-too-large", "the request body is too large",
                                "send it in several requests"};

/// -1 where the character is no hexadecimal digit.
int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool isControl(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

void ChunkedBody::refuse(const HttpRefusal& why) {
    state_ = HeadState::Refused;
    refusal_ = why;
}

std::size_t ChunkedBody::feed(std::string_view bytes, std::size_t bodyBytesMax, std::string& body) {
    std::size_t at = 0;
    while (at < bytes.size() && state_ == HeadState::Incomplete) {
        if (part_ == Part::Content) {
            const std::size_t taken = std::min(left_, bytes.size() - at);
            body.append(bytes.substr(at, taken));
            at += taken;
            left_ -= taken;
            if (left_ == 0) part_ = Part::ContentEnd;
            continue;
        }
        const char c = bytes[at++];
        if (c == '\n') {
            endLine(body.size(), bodyBytesMax);
        } else if (line_.size() == kLineMax || (!line_.empty() && line_.back() == '\r') ||
                   (isControl(c) && c != '\r')) {
            refuse(kBadChunk);
        } else {
            line_ += c;
        }
    }
    return at;
}

void ChunkedBody::endLine(std::size_t bodyBytes, std::size_t bodyBytesMax) {
    if (line_.empty() || line_.back() != '\r') return refuse(kBadChunk);
    line_.pop_back();
    switch (part_) {
        case Part::Size:
            sizeLine(bodyBytes, bodyBytesMax);
            break;
        case Part::ContentEnd:
            if (!line_.empty()) return refuse(kBadChunk);
            part_ = Part::Size;
            break;
        case Part::Trailer:
            if (line_.empty())
                state_ = HeadState::Complete;
            else if (++trailers_ > kTrailersMax)
                refuse(kBadChunk);
            break;
        case Part::Content:
            break;  // has no lines
    }
    line_.clear();
}

void ChunkedBody::sizeLine(std::size_t bodyBytes, std::size_t bodyBytesMax) {
    std::size_t size = 0;
    std::size_t digits = 0;
    while (digits < line_.size() && hexValue(line_[digits]) >= 0) {
        if (digits == kSizeDigitsMax) return refuse(kBadChunk);
        size = size * 16 + static_cast<std::size_t>(hexValue(line_[digits++]));
    }
    if (digits == 0) return refuse(kBadChunk);
    if (digits < line_.size() && line_[digits] != ';') return refuse(kBadChunk);
    if (size > bodyBytesMax - bodyBytes) return refuse(kTooLarge);
    left_ = size;
    part_ = size == 0 ? Part::Trailer : Part::Content;
}

}  // namespace sluice
