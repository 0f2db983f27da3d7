#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::redis {

/// Stands between the socket and hiredis' reader, which would keep a bulk string of any size in
/// memory (RESP allows 512 MB): replaces one that is too long before its bytes come. Everything
/// else passes as it is; whether it is well-formed is the reader's to judge. One thread.
class BulkGate {
  public:
    /// A bulk string above `bulkMax` becomes the error kTooLong; one that would take its reply
    /// above `replyMax` the error kDropped. A server's own errors have longer texts.
    BulkGate(std::size_t bulkMax, std::size_t replyMax) : bulkMax_(bulkMax), replyMax_(replyMax) {}

    /// Takes bytes from the front of `input` and returns what the reader gets for them, valid until
    /// the next call; empty once all input was taken. Throws std::runtime_error where a line is
    /// longer than kLineMax.
    std::string_view next(std::string_view& input);
    /// A reply is complete: the next one has the whole of replyMax again.
    void beginReply() { replyBytes_ = 0; }

    static constexpr std::string_view kTooLong = "L", kDropped = "D";
    /// Shorter strings pass even where the reply is too large: keys and ids keep their places.
    static constexpr std::size_t kShort = 512;
    static constexpr std::size_t kLineMax = std::size_t{64} << 10;

  private:
    enum class At { Line, InLine, Bulk, Skipped };

    std::string_view takeHeader(std::string_view& input);
    std::string_view replacementFor(std::string_view header);

    // constant after construction
    const std::size_t bulkMax_, replyMax_;

    At at_ = At::Line;
    std::size_t lineBytes_ = 0;   // that passed of the line
    std::size_t left_ = 0;        // of the bulk string, with its CR LF
    std::size_t replyBytes_ = 0;  // of bulk strings that passed
    std::string header_;          // one that is not complete yet
    bool isHeaderGiven_ = false;  // it was returned, and is to be forgotten
};

}  // namespace sluice::redis
