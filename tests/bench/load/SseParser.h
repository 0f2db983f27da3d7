#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::bench {

// One dispatched block. The views live until the call returns.
struct SseEvent {
    std::string_view type;      // empty when the block named none
    std::string_view dataHead;  // the first bytes of its data, at most SseParser::kDataHeadBytes
};

class SseSink {
  public:
    virtual void onEvent(const SseEvent& event) = 0;

  protected:
    ~SseSink() = default;
};

// Reads an event stream (HTML standard, section 9.2.6) from pieces of any size. It shares no code
// with core. Differences, all for speed: a lone CR does not end a line, and of the data only the
// beginning is kept. Allocates for lines that lie across two pieces only, and once for the id.
class SseParser final {
  public:
    static constexpr std::size_t kDataHeadBytes = 128;
    static constexpr std::size_t kLineBytesMax = std::size_t{4} << 20;

    // Calls sink.onEvent for each block that has data. Returns false when a line passes
    // kLineBytesMax; the parser is then to be thrown away.
    bool feed(std::string_view bytes, SseSink& sink);

    // The last event id as a browser would send it: committed by the blank line that ends a block,
    // whether that has data or not.
    const std::string& lastId() const { return lastId_; }

    // For a new connection: forgets the unfinished block, keeps lastId().
    void reset();

  private:
    void line(std::string_view text, SseSink& sink);
    void field(std::string_view name, std::string_view value);
    void dispatch(SseSink& sink);

    std::string carry_;  // the line that has not ended yet
    std::string pendingId_, lastId_;
    std::array<char, kDataHeadBytes> dataHead_;
    std::size_t dataHeadBytes_ = 0;
    std::array<char, 32> type_;
    std::size_t typeBytes_ = 0;
    bool hasData_ = false, hasId_ = false;
};

}  // namespace sluice::bench
