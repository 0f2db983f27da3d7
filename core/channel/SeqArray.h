#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "channel/Segment.h"

namespace sluice {

/// Events in the order of their seq, any of which may be taken out: chunks of records with dead
/// marks. A chunk that is half dead is written anew, together with its neighbour where both are
/// small, so memory stays within about twice what lives and no step copies more than a chunk.
///
/// One thread at a time. A segment handed out stays as it is while somebody refers to it; what is
/// dead in it, only the array knows.
class SeqArray final {
  public:
    struct Chunk {
        SegmentPtr segment;
        std::vector<bool> dead;
        std::uint32_t live = 0;
        std::size_t liveBytes = 0;
        std::uint32_t firstLive = 0;  // no record before it lives
    };
    /// Where an event lies until the array moves it.
    struct Location {
        Chunk* chunk = nullptr;
        std::uint32_t index = 0;
        const Record& record() const { return chunk->segment->record(index); }
        std::string_view key() const { return chunk->segment->key(record()); }
    };
    /// Told of every event that was moved. Must not call back.
    class Mover {
      public:
        virtual void moved(const Location& to) noexcept = 0;

      protected:
        ~Mover() = default;
    };
    using Garbage = std::vector<SegmentPtr>;  // dropped by the caller, outside locks

    SeqArray(ChannelLog& owner, Mover& mover) : owner_{owner}, mover_{mover} {}
    SeqArray(const SeqArray&) = delete;
    SeqArray& operator=(const SeqArray&) = delete;

    /// REQUIRES: its seq is above all others.
    Location append(const Record& record, std::string_view bytes, Garbage& garbage);
    /// REQUIRES: the event lives. Its bytes stay readable as long as `garbage` holds them.
    void remove(const Location& at, Garbage& garbage);
    /// REQUIRES: size() > 0.
    Location oldest();

    std::size_t size() const { return size_; }
    /// Memory of the chunks.
    std::size_t bytes() const { return bytes_; }

    /// Walks the living from the first one with seq > `afterSeq`. Valid while the array is left as
    /// it is.
    class Walk {
      public:
        Walk(const SeqArray& array, std::uint64_t afterSeq);
        bool atEnd() const { return chunk_ == array_.chunks_.size(); }
        const Record& record() const { return chunk().segment->record(index_); }
        const SegmentPtr& segment() const { return chunk().segment; }
        std::uint32_t index() const { return index_; }
        void next();

      private:
        const Chunk& chunk() const { return *array_.chunks_[chunk_]; }
        void skipDead();
        const SeqArray& array_;
        std::size_t chunk_ = 0;
        std::uint32_t index_ = 0;
    };

  private:
    std::size_t indexOf(const Chunk& chunk) const;
    void addChunk(std::size_t leastBytes);
    void compact(std::size_t index, Garbage& garbage);
    void moveLiving(const Chunk& from, Chunk& to);
    void eraseChunk(std::size_t index, Garbage& garbage);
    std::unique_ptr<Chunk> makeChunk(std::size_t bytes);

    ChannelLog& owner_;
    Mover& mover_;
    std::vector<std::unique_ptr<Chunk>> chunks_;  // none is empty
    std::size_t size_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace sluice
