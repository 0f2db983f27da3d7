#pragma once

#include <cstddef>

/// Sizes of structures of the header that the plugins of this folder were compiled against.
struct FrozenSizes {
    std::size_t table, message, host, pattern;
};
extern const FrozenSizes kFrozenSizes;
