#pragma once

#include <cstddef>
#include <cstdint>

#include "expression/Arena.h"
#include "expression/Value.h"

namespace sluice::cel {

/// Makes a Map in an Arena. Up to 2^31 entries. One thread.
class MapBuilder {
  public:
    enum class Added : std::uint8_t { Yes, Again, WrongKey, NoMemory };

    /// For at most `capacity` entries.
    MapBuilder(Arena& arena, std::size_t capacity);

    /// Again: the key stands there already, and its first value stays.
    Added add(const Value& key, const Value& value);
    /// As `add`, but a key that stands there already gets this value: what JSON readers do.
    Added set(const Value& key, const Value& value);
    /// Null where the arena had no room.
    const Map* finish();

  private:
    Added put(const Value& key, const Value& value, bool replaces);
    void index(std::uint32_t entry);

    Map* map_ = nullptr;
    Map::Entry* entries_ = nullptr;
    std::uint32_t* buckets_ = nullptr;
    std::size_t capacity_ = 0;
};

}  // namespace sluice::cel
