#include "delivery/Write.h"

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

std::uint64_t sizeOf(const TurnOutput& out) {
    return sizeof(Write) + out.bytes.capacity() +
           out.blocks.capacity() * sizeof(TurnOutput::BlockEnd) +
           out.moves.capacity() * sizeof(TurnOutput::Move);
}

}  // namespace

Write::Write(TurnOutput output, const Course& course, std::uint64_t count, std::uint64_t& bytesKept)
    : out{std::move(output)},
      after{course},
      number{count},
      size_{sizeOf(out)},
      bytesKept_{bytesKept} {
    bytesKept_ += size_;
}

Write::~Write() {
    bytesKept_ -= size_;
    // A long chain whose last reader left would otherwise end in as deep a recursion.
    std::shared_ptr<Write> rest = std::move(next);
    while (rest && rest.use_count() == 1) {
        std::shared_ptr<Write> following = std::move(rest->next);
        rest = std::move(following);
    }
}

std::uint32_t Write::eventsBy(std::size_t bytes) const {
    const auto end = std::upper_bound(
        out.blocks.begin(), out.blocks.end(), bytes,
        [](std::size_t taken, const TurnOutput::BlockEnd& block) { return taken < block.offset; });
    return end == out.blocks.begin() ? 0 : std::prev(end)->events;
}

}  // namespace sluice
