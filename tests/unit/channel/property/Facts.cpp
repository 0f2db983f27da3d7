#include "Facts.h"

namespace sluice::property {

std::string channelName(std::size_t index) {
    return std::string{"c/"} + static_cast<char>('a' + index);
}

Position positionAfter(Position position, Words words) {
    if (words == Words::Two && position.second != ~std::uint64_t{0})
        return {position.first, position.second + 1};
    return {position.first + 1, 0};
}

}  // namespace sluice::property
