#include "channel/Segment.h"

#include <cstring>
#include <new>

#include "base/Assert.h"

namespace sluice {

static_assert(sizeof(Segment) % alignof(Record) == 0, "records lie right behind the segment");

Segment* Segment::create(std::size_t bytes, BaseCutPtr base, ChannelLog& owner) {
    const std::size_t capacity = (bytes + alignof(Record) - 1) / alignof(Record) * alignof(Record);
    void* memory = ::operator new(sizeof(Segment) + capacity);
    return new (memory) Segment{capacity, std::move(base), owner};
}

void Segment::destroy(Segment* segment) noexcept {
    segment->~Segment();
    ::operator delete(segment);
}

bool Segment::fits(std::size_t bodyBytes) const {
    return (size_ + 1) * sizeof(Record) + bodyBytes <= bytesBegin_;
}

void Segment::append(const Record& record, std::string_view bytes) {
    SLUICE_ASSERT(fits(bytes.size()));
    bytesBegin_ -= bytes.size();
    // Copied first and completed in its place: a copy that reads what was just stored waits for all
    // stores before it, those of the bytes into cold memory too.
    Record* const placed = new (memory() + size_ * sizeof(Record)) Record{record};
    placed->offset = static_cast<std::uint32_t>(bytesBegin_);
    std::memcpy(memory() + bytesBegin_, bytes.data(), bytes.size());
    ++size_;
}

}  // namespace sluice
