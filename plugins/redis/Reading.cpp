#include "Reading.h"

#include <algorithm>

namespace sluice::redis {

std::size_t ReadSize::of(std::size_t streams) const {
    const std::size_t share = Reading::kEntriesMax / std::max<std::size_t>(streams, 1);
    return std::min(std::max(share, Reading::kEntriesLeast), most_);
}

void ReadSize::enough() {
    most_ = std::min(most_ * 2, Reading::kEntriesOfOneMax);
}

}  // namespace sluice::redis
