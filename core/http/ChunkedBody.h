#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/RequestHead.h"

namespace sluice {

/// Decodes a chunked request body (RFC 9112 section 7.1) as it comes, strictly: lines end in CRLF,
/// sizes have at most kSizeDigitsMax digits, chunk extensions and trailers are bounded and dropped.
/// One thread at a time; pure but for what it appends.
class ChunkedBody {
  public:
    static constexpr std::size_t kLineMax = 256;  // a size with its extensions; a trailer
    static constexpr std::size_t kSizeDigitsMax = 8;
    static constexpr std::size_t kTrailersMax = 32;

    /// Takes what it can from the front of `bytes`, appends the content to `body` (never beyond
    /// `bodyBytesMax`) and returns how much it took. After Complete it takes nothing.
    std::size_t feed(std::string_view bytes, std::size_t bodyBytesMax, std::string& body);

    HeadState state() const { return state_; }
    /// REQUIRES: state() is Refused.
    const HttpRefusal& refusal() const { return refusal_; }

  private:
    enum class Part : std::uint8_t { Size, Content, ContentEnd, Trailer };
    void endLine(std::size_t bodyBytes, std::size_t bodyBytesMax);
    void sizeLine(std::size_t bodyBytes, std::size_t bodyBytesMax);
    void refuse(const HttpRefusal& why);

    HeadState state_ = HeadState::Incomplete;
    Part part_ = Part::Size;
    std::size_t left_ = 0;  // of the chunk's content
    std::size_t trailers_ = 0;
    std::string line_;  // what came of the current line, with its CR
    HttpRefusal refusal_;
};

}  // namespace sluice
