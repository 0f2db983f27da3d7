#include "expression/Arena.h"

namespace sluice::cel {

void Arena::reset() {
    if (!blocks_.empty()) enter(0);
}

void Arena::enter(std::size_t block) {
    block_ = block;
    current_ = blocks_[block].memory.get();
    capacity_ = blocks_[block].size;
    used_ = 0;
}

bool Arena::grow(std::size_t size) {
    for (std::size_t next = block_ + 1; next < blocks_.size(); ++next) {
        if (blocks_[next].size < size) continue;
        enter(next);
        return true;
    }
    // Each block doubles what is held, so that there are few; the last may take what is left.
    const std::size_t left = bytesMax_ - bytesHeld_;
    if (size > left) return false;
    const std::size_t wanted = std::max(kFirstBlockBytes, std::max(bytesHeld_, size));
    const std::size_t bytes = std::min(wanted, left);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
    bytesHeld_ += bytes;
    enter(blocks_.size() - 1);
    return true;
}

}  // namespace sluice::cel
