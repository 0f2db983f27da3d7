#include "channel/Origins.h"

namespace sluice {

void Origins::seek(const std::vector<std::uint32_t>&, std::int64_t,
                   std::function<void(SourcePlaces)> answer) {
    answer({});
}

}  // namespace sluice
