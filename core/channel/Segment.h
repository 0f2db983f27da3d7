#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "event/Position.h"

namespace sluice {

class ChannelLog;

/// Places by LaneIndex; lanes beyond its size are at their beginning. Immutable once shared.
using BaseCut = std::vector<Place>;
using BaseCutPtr = std::shared_ptr<const BaseCut>;  // shared by logs, segments and readers

/// The place of `lane` in `cut`, or its beginning.
inline Place placeIn(const BaseCut* cut, LaneIndex lane) {
    return cut && lane < cut->size() ? (*cut)[lane] : Place{};
}

/// One event in a segment. Its bytes lie in the segment: key, `event:` line, `data:` lines.
struct Record {
    std::uint64_t seq = 0;
    Position position;
    std::int64_t appendMs = 0;  // milliseconds since the Unix epoch
    LaneIndex lane = kPlainLane;
    std::uint32_t offset = 0;
    std::uint32_t dataLinesLength = 0;
    std::uint32_t keyLength = 0;
    std::uint16_t ordinal = 0;
    std::uint16_t of = 1;  // events of its message
    std::uint16_t eventLineLength = 0;
    std::uint16_t isDeletion = 0;  // its key is gone

    Place place() const { return {position, ordinal}; }
};
static_assert(sizeof(Record) == 56);

/// A piece of a log: one allocation of fixed capacity, records growing from its front and bytes
/// from its back, so that what a reader counted under the log's mutex never moves or changes.
///
/// Appending: under the hub's and the log's mutex. Reading records [0, n): any thread that holds a
/// SegmentPtr and learned n under the log's mutex.
class Segment {
  public:
    /// A segment with room for `bytes` of records and bodies together.
    static Segment* create(std::size_t bytes, BaseCutPtr base, ChannelLog& owner);

    /// Whether another event of so many bytes fits.
    bool fits(std::size_t bodyBytes) const;
    /// REQUIRES: fits(bytes.size()).
    void append(const Record& record, std::string_view bytes);

    std::uint32_t size() const { return size_; }
    const Record& record(std::uint32_t index) const { return records()[index]; }
    std::string_view key(const Record& record) const {
        return {at(record.offset), record.keyLength};
    }
    std::string_view eventLine(const Record& record) const {
        return {at(record.offset + record.keyLength), record.eventLineLength};
    }
    std::string_view dataLines(const Record& record) const {
        return {at(record.offset + record.keyLength + record.eventLineLength),
                record.dataLinesLength};
    }
    /// Event line and data lines together.
    std::string_view lines(const Record& record) const {
        return {at(record.offset + record.keyLength),
                std::size_t{record.eventLineLength} + record.dataLinesLength};
    }
    std::size_t allocatedBytes() const { return capacity_ + sizeof(Segment); }

    // guarded by the log's mutex
    BaseCutPtr base;  // W when it was created, in the lane of its first event that event's place

    // guarded by the hub's mutex: all segments of all logs, in order of creation
    Segment* older = nullptr;
    Segment* newer = nullptr;
    ChannelLog& owner;

  private:
    friend class SegmentPtr;
    Segment(std::size_t capacity, BaseCutPtr baseCut, ChannelLog& log)
        : base{std::move(baseCut)}, owner{log}, capacity_{capacity}, bytesBegin_{capacity} {}
    static void destroy(Segment* segment) noexcept;

    char* memory() { return reinterpret_cast<char*>(this + 1); }
    const char* at(std::size_t offset) const {
        return reinterpret_cast<const char*>(this + 1) + offset;
    }
    const Record* records() const { return reinterpret_cast<const Record*>(this + 1); }

    std::atomic<std::uint32_t> references_{1};
    std::uint32_t size_ = 0;
    std::size_t capacity_;    // of memory(), in bytes
    std::size_t bytesBegin_;  // bodies lie in [bytesBegin_, capacity_)
};

/// A counted reference to a segment.
class SegmentPtr {
  public:
    SegmentPtr() = default;
    /// Takes over one reference that the caller holds.
    explicit SegmentPtr(Segment* segment) noexcept : segment_{segment} {}
    SegmentPtr(const SegmentPtr& other) noexcept : segment_{other.segment_} {
        if (segment_) segment_->references_.fetch_add(1, std::memory_order_relaxed);
    }
    SegmentPtr(SegmentPtr&& other) noexcept : segment_{std::exchange(other.segment_, nullptr)} {}
    SegmentPtr& operator=(SegmentPtr other) noexcept {
        std::swap(segment_, other.segment_);
        return *this;
    }
    ~SegmentPtr() {
        if (segment_ && segment_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            Segment::destroy(segment_);
    }
    Segment* operator->() const noexcept { return segment_; }
    Segment& operator*() const noexcept { return *segment_; }
    Segment* get() const noexcept { return segment_; }

  private:
    Segment* segment_ = nullptr;
};

}  // namespace sluice
