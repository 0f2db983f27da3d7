#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "SseParser.h"

namespace sluice::bench {

// One HTTP/1.1 response that carries an event stream: head, then a body in chunks or until the
// connection closes (RFC 9112, sections 4 to 7). Reads from pieces of any size; the body goes to
// its SseParser in place.
class ResponseReader final {
  public:
    static constexpr std::size_t kHeadBytesMax = 16 * 1024;

    // Returns false when the bytes are no such response (see problem()).
    bool feed(std::string_view bytes, SseSink& sink);

    bool hasHead() const { return state_ != State::kHead && state_ != State::kBroken; }
    bool ended() const { return state_ == State::kEnded; }  // the last chunk has come
    const char* problem() const { return problem_; }        // "" while there is none
    const std::string& lastId() const { return parser_.lastId(); }

    // For a new connection; keeps lastId().
    void reset();

  private:
    enum class State { kHead, kSize, kSizeEnd, kChunk, kChunkEnd, kUntilClose, kEnded, kBroken };

    std::size_t readHead(std::string_view bytes);
    std::size_t readSize(std::string_view bytes);
    std::size_t readChunk(std::string_view bytes, SseSink& sink);
    std::size_t readUntilClose(std::string_view bytes, SseSink& sink);
    void parseHead();
    std::size_t fail(const char* problem);

    State state_ = State::kHead;
    std::string head_;
    std::size_t chunkBytes_ = 0;  // of the size line, then still to come
    unsigned sizeDigits_ = 0;
    const char* problem_ = "";
    SseParser parser_;
};

}  // namespace sluice::bench
