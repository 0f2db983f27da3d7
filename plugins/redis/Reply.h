#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <hiredis/read.h>

#include "BulkGate.h"

namespace sluice::redis {

/// What the server answered. Lives in the reader's memory, see ReplyReader::forget().
struct Reply {
    /// TooLong: a bulk string above messageBytesMax. Dropped: one that was left out because the
    /// whole reply was too large.
    enum class Kind { String, Status, Error, Integer, Array, Null, TooLong, Dropped };
    Kind kind = Kind::Null;
    std::string_view text;         // String, Status, Error
    long long integer = 0;         // Integer
    std::span<const Reply> items;  // Array

    bool isText() const { return kind == Kind::String || kind == Kind::Status; }
    bool isArray(std::size_t least) const { return kind == Kind::Array && items.size() >= least; }
};

/// Memory for replies: taken in order, given back all at once.
class Arena {
  public:
    void* take(std::size_t bytes);
    std::string_view copy(std::string_view text);
    /// Keeps at most kKeep bytes for the next replies.
    void release();

    static constexpr std::size_t kChunk = std::size_t{64} << 10;
    static constexpr std::size_t kKeep = std::size_t{1} << 20;

  private:
    struct Chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size = 0;
    };
    std::vector<Chunk> chunks_;
    std::size_t current_ = 0;  // index of the chunk that is being filled
    std::size_t used_ = 0;     // of it
};

/// Reads replies out of a stream of bytes (RESP2, redis.io/docs/reference/protocol-spec) with
/// hiredis' reader behind a BulkGate. One thread.
class ReplyReader {
  public:
    explicit ReplyReader(std::size_t bulkMax);
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    /// Lends bytes, to be taken by next() until that returns null. REQUIRES: it did.
    void feed(std::string_view bytes) { input_ = bytes; }
    /// The next whole reply; null: more bytes are needed. Throws std::runtime_error where the
    /// stream is no RESP; then nothing more can be read.
    const Reply* next();
    /// Frees all replies that next() has given.
    void forget();
    /// Copies a text into the memory of the replies.
    std::string_view keep(std::string_view text) { return arenas_[active_].copy(text); }

    static constexpr std::size_t kPiece = 4 << 10;  // hiredis moves what is behind each 1 KiB
    static constexpr std::size_t kReplyMax = std::size_t{64} << 20;  // of all its strings
    static constexpr std::size_t kItemsMax = 1 << 20;                // of one array

  private:
    static void* makeString(const redisReadTask* task, char* text, std::size_t length);
    static void* makeArray(const redisReadTask* task, int count);
    static void* makeInteger(const redisReadTask* task, long long value);
    static void* makeNull(const redisReadTask* task);
    static void freeNothing(void*) {}
    static Reply& place(const redisReadTask* task);

    static ReplyReader& of(const redisReadTask* task) {
        return *static_cast<ReplyReader*>(task->privdata);
    }
    bool isInside() const { return reader_->reply != nullptr; }

    static redisReplyObjectFunctions kFunctions;

    BulkGate gate_;
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
    std::string_view input_, piece_;
    // A reply may be half read when the others are freed: it stays in its arena, and the next ones
    // go into the other.
    std::array<Arena, 2> arenas_;
    std::size_t active_ = 0;  // of replies that begin now
    std::size_t inside_ = 0;  // of the reply that is being read
};

}  // namespace sluice::redis
