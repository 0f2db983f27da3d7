#include "Facts.h"

#include <algorithm>

namespace sluice::property {

std::string channelName(std::size_t index) {
    return std::string{"c/"} + static_cast<char>('a' + index);
}

Position positionAfter(Position position, Words words) {
    if (words == Words::Two && position.second != ~std::uint64_t{0})
        return {position.first, position.second + 1};
    return {position.first + 1, 0};
}

const Message* firstFrom(const std::vector<Message>& messages, Position position) {
    return &*messages.begin() +
           (std::lower_bound(messages.begin(), messages.end(), position,
                             [](const Message& m, Position p) { return m.position < p; }) -
            messages.begin());
}

}  // namespace sluice::property
