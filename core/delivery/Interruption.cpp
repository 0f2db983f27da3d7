#include "delivery/Interruption.h"

#include <algorithm>

#include "base/Assert.h"

namespace sluice {

Interruption interrupt(const Course& after, const TurnOutput& out, std::size_t taken) {
    SLUICE_ASSERT(taken < out.bytes.size() && out.before);
    Interruption cut;
    cut.course.feed = after.feed;
    cut.course.beganAt = after.beganAt;
    if (taken == 0) {
        cut.course.stream = *out.before;
        return cut;
    }
    // The first block that was not taken whole.
    const auto block = std::upper_bound(
        out.blocks.begin(), out.blocks.end(), taken,
        [](std::size_t bytes, const TurnOutput::BlockEnd& end) { return bytes < end.offset; });
    const auto index = static_cast<std::size_t>(block - out.blocks.begin());
    SLUICE_ASSERT(index < out.blocks.size());
    const std::size_t begin = index == 0 ? 0 : out.blocks[index - 1].offset;
    const bool atBoundary = taken == begin;
    if (!atBoundary) cut.rest = out.bytes.substr(taken, block->offset - taken);
    const std::size_t last = atBoundary ? index - 1 : index;
    const bool isAll = last + 1 == out.blocks.size();
    cut.course.stream = isAll ? after.stream : out.after(last);
    cut.events = out.blocks[last].events;
    cut.sampled = out.blocks[last].sampled;
    cut.toldGaps = last >= out.openBlocks;
    return cut;
}

}  // namespace sluice
