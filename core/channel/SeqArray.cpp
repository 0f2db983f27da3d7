#include "channel/SeqArray.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {
namespace {

constexpr std::size_t kFirstChunkBytes = 512;
constexpr std::size_t kLargestChunkBytes = 64u << 10;

std::size_t costOf(const Record& record) {
    return sizeof(Record) + record.keyLength + record.eventLineLength + record.dataLinesLength;
}

std::string_view bytesOf(const Segment& segment, const Record& record) {
    const std::string_view key = segment.key(record);
    return {key.data(), key.size() + record.eventLineLength + record.dataLinesLength};
}

}  // namespace

SeqArray::Location SeqArray::append(const Record& record, std::string_view bytes,
                                    Garbage& garbage) {
    if (chunks_.empty() || !chunks_.back()->segment->fits(bytes.size())) {
        // What is dead in the last chunk would else wait for the next death in it.
        if (!chunks_.empty() && chunks_.back()->live * 2 <= chunks_.back()->segment->size())
            compact(chunks_.size() - 1, garbage);
        addChunk(sizeof(Record) + bytes.size());
    }
    Chunk& chunk = *chunks_.back();
    chunk.segment->append(record, bytes);
    chunk.dead.push_back(false);
    ++chunk.live;
    chunk.liveBytes += costOf(record);
    ++size_;
    return {&chunk, chunk.segment->size() - 1};
}

void SeqArray::addChunk(std::size_t leastBytes) {
    const std::size_t doubled =
        chunks_.empty() ? kFirstChunkBytes : 2 * chunks_.back()->segment->allocatedBytes();
    chunks_.push_back(makeChunk(std::max(leastBytes, std::min(doubled, kLargestChunkBytes))));
}

std::unique_ptr<SeqArray::Chunk> SeqArray::makeChunk(std::size_t bytes) {
    auto chunk = std::make_unique<Chunk>();
    chunk->segment = SegmentPtr{Segment::create(bytes, nullptr, owner_)};
    bytes_ += chunk->segment->allocatedBytes();
    return chunk;
}

void SeqArray::remove(const Location& at, Garbage& garbage) {
    Chunk& chunk = *at.chunk;
    SLUICE_ASSERT(!chunk.dead[at.index]);
    chunk.dead[at.index] = true;
    --chunk.live;
    chunk.liveBytes -= costOf(at.record());
    --size_;
    // The last chunk is still being filled: looked at when it is full, unless nothing lives in it.
    if (chunk.live == 0)
        eraseChunk(indexOf(chunk), garbage);
    else if (chunk.live * 2 <= chunk.segment->size() && &chunk != chunks_.back().get())
        compact(indexOf(chunk), garbage);
}

SeqArray::Location SeqArray::oldest() {
    Chunk& chunk = *chunks_.front();
    while (chunk.dead[chunk.firstLive]) ++chunk.firstLive;
    return {&chunk, chunk.firstLive};
}

std::size_t SeqArray::indexOf(const Chunk& chunk) const {
    const std::uint64_t seq = chunk.segment->record(0).seq;
    const auto found = std::lower_bound(
        chunks_.begin(), chunks_.end(), seq,
        [](const auto& one, std::uint64_t wanted) { return one->segment->record(0).seq < wanted; });
    SLUICE_ASSERT(found != chunks_.end() && found->get() == &chunk);
    return static_cast<std::size_t>(found - chunks_.begin());
}

void SeqArray::eraseChunk(std::size_t index, Garbage& garbage) {
    bytes_ -= chunks_[index]->segment->allocatedBytes();
    garbage.push_back(std::move(chunks_[index]->segment));
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(index));
}

/// Writes the chunk anew without its dead, and the one before it with it if both are small.
void SeqArray::compact(std::size_t index, Garbage& garbage) {
    std::size_t first = index;
    std::size_t bytes = chunks_[index]->liveBytes;
    if (index > 0 && chunks_[index - 1]->liveBytes + bytes <= kLargestChunkBytes / 2)
        bytes += chunks_[--first]->liveBytes;
    std::unique_ptr<Chunk> fresh = makeChunk(bytes);
    for (std::size_t i = first; i <= index; ++i) moveLiving(*chunks_[i], *fresh);
    for (std::size_t i = index; i > first; --i) eraseChunk(i, garbage);
    std::swap(chunks_[first], fresh);
    bytes_ -= fresh->segment->allocatedBytes();
    garbage.push_back(std::move(fresh->segment));
}

void SeqArray::moveLiving(const Chunk& from, Chunk& to) {
    for (std::uint32_t i = 0; i < from.segment->size(); ++i) {
        if (from.dead[i]) continue;
        const Record& record = from.segment->record(i);
        to.segment->append(record, bytesOf(*from.segment, record));
        to.dead.push_back(false);
        ++to.live;
        to.liveBytes += costOf(record);
        mover_.moved({&to, to.segment->size() - 1});
    }
}

SeqArray::Walk::Walk(const SeqArray& array, std::uint64_t afterSeq) : array_{array} {
    const auto& chunks = array.chunks_;
    const auto isBefore = [](std::uint64_t seq, const auto& chunk) {
        return seq < chunk->segment->record(0).seq;
    };
    const auto behind = std::upper_bound(chunks.begin(), chunks.end(), afterSeq, isBefore);
    if (behind != chunks.begin()) chunk_ = static_cast<std::size_t>(behind - chunks.begin()) - 1;
    skipDead();
    while (!atEnd() && record().seq <= afterSeq) next();
}

void SeqArray::Walk::next() {
    ++index_;
    skipDead();
}

void SeqArray::Walk::skipDead() {
    while (!atEnd()) {
        const std::uint32_t size = chunk().segment->size();
        while (index_ < size && chunk().dead[index_]) ++index_;
        if (index_ < size) return;
        index_ = 0;
        ++chunk_;
    }
}

}  // namespace sluice
