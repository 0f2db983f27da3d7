#include "Reply.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace sluice::redis {

void* Arena::take(std::size_t bytes) {
    const std::size_t aligned = (bytes + alignof(std::max_align_t) - 1) /
                                alignof(std::max_align_t) * alignof(std::max_align_t);
    while (current_ < chunks_.size() && used_ + aligned > chunks_[current_].size) {
        ++current_;
        used_ = 0;
    }
    if (current_ == chunks_.size()) {
        const std::size_t size = std::max(aligned, kChunk);
        chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    }
    return chunks_[current_].bytes.get() + std::exchange(used_, used_ + aligned);
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* const memory = static_cast<char*>(take(text.size()));
    std::memcpy(memory, text.data(), text.size());
    return {memory, text.size()};
}

void Arena::release() {
    std::size_t kept = 0;
    std::erase_if(chunks_, [&](const Chunk& chunk) {
        if (chunk.size > kKeep - kept) return true;
        kept += chunk.size;
        return false;
    });
    current_ = used_ = 0;
}

redisReplyObjectFunctions ReplyReader::kFunctions = {makeString, makeArray, makeInteger, makeNull,
                                                     freeNothing};

ReplyReader::ReplyReader(std::size_t bulkMax)
    // A reply must be able to hold at least one string of the greatest length.
    : gate_(bulkMax, std::max(kReplyMax, 2 * bulkMax)),
      reader_(redisReaderCreateWithFunctions(&kFunctions), redisReaderFree) {
    if (!reader_) throw std::bad_alloc();
    reader_->privdata = this;  // the macro for it is not C++
}

ReplyReader::~ReplyReader() = default;

const Reply* ReplyReader::next() {
    for (;;) {
        void* reply = nullptr;
        if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK)
            throw std::runtime_error(reader_->errstr);
        if (reply != nullptr) {
            gate_.beginReply();
            return static_cast<const Reply*>(reply);
        }
        while (piece_.empty()) {
            if (input_.empty()) return nullptr;
            piece_ = gate_.next(input_);
        }
        const std::size_t bytes = std::min(piece_.size(), kPiece);
        if (redisReaderFeed(reader_.get(), piece_.data(), bytes) != REDIS_OK)
            throw std::runtime_error(reader_->errstr);
        piece_.remove_prefix(bytes);
    }
}

void ReplyReader::forget() {
    active_ = 1 - inside_;
    arenas_[active_].release();
    if (!isInside()) arenas_[inside_].release();
}

/// Where the object of a task belongs: into its array, or into memory of its own.
Reply& ReplyReader::place(const redisReadTask* task) {
    if (task->parent != nullptr) {
        const auto* const array = static_cast<const Reply*>(task->parent->obj);
        return const_cast<Reply&>(array->items[static_cast<std::size_t>(task->idx)]);
    }
    ReplyReader& reader = of(task);
    reader.inside_ = reader.active_;
    return *new (reader.arenas_[reader.inside_].take(sizeof(Reply))) Reply;
}

void* ReplyReader::makeString(const redisReadTask* task, char* text, std::size_t length) {
    Reply& reply = place(task);
    reply.kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::Error
                 : task->type == REDIS_REPLY_STATUS ? Reply::Kind::Status
                                                    : Reply::Kind::String;
    const std::string_view words(text, length);
    if (reply.kind == Reply::Kind::Error && words == BulkGate::kTooLong)
        reply.kind = Reply::Kind::TooLong;
    else if (reply.kind == Reply::Kind::Error && words == BulkGate::kDropped)
        reply.kind = Reply::Kind::Dropped;
    ReplyReader& reader = of(task);
    reply.text = reader.arenas_[reader.inside_].copy(words);
    return &reply;
}

void* ReplyReader::makeArray(const redisReadTask* task, int count) {
    const auto size = static_cast<std::size_t>(count);
    if (count < 0 || size > kItemsMax) return nullptr;  // hiredis takes it for lack of memory
    Reply& reply = place(task);
    reply.kind = Reply::Kind::Array;
    ReplyReader& reader = of(task);
    auto* const items =
        static_cast<Reply*>(reader.arenas_[reader.inside_].take(size * sizeof(Reply)));
    std::uninitialized_default_construct_n(items, size);
    reply.items = {items, size};
    return &reply;
}

void* ReplyReader::makeInteger(const redisReadTask* task, long long value) {
    Reply& reply = place(task);
    reply.kind = Reply::Kind::Integer;
    reply.integer = value;
    return &reply;
}

void* ReplyReader::makeNull(const redisReadTask* task) {
    Reply& reply = place(task);
    reply.kind = Reply::Kind::Null;
    return &reply;
}

}  // namespace sluice::redis
