#include "expression/Collections.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>

namespace sluice::cel {
namespace {

/// Maps of up to this many entries are looked through, larger ones are hashed.
constexpr std::size_t kScannedEntriesMax = 8;

bool isKey(const Value& key) {
    return key.is(Kind::Bool) || key.is(Kind::Int) || key.is(Kind::Uint) || key.is(Kind::String);
}

/// A number as the key that it is: 1u and 1.0 become the int 1. False for no whole number.
bool normalise(const Value& key, Value& result) {
    result = key;
    if (key.is(Kind::Uint) && key.asUint() <= INT64_MAX)
        result = Value::ofInt(static_cast<std::int64_t>(key.asUint()));
    if (!key.is(Kind::Double)) return isKey(key);
    const double number = key.asDouble();
    if (number != std::floor(number)) return false;
    if (number >= -0x1p63 && number < 0x1p63) {
        result = Value::ofInt(static_cast<std::int64_t>(number));
    } else if (number >= 0 && number < 0x1p64) {
        result = Value::ofUint(static_cast<std::uint64_t>(number));
    } else {
        return false;
    }
    return true;
}

/// Whether two keys that were normalised are the same.
bool isSame(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    if (a.is(Kind::String)) return a.asString() == b.asString();
    if (a.is(Kind::Bool)) return a.asBool() == b.asBool();
    return a.is(Kind::Int) ? a.asInt() == b.asInt() : a.asUint() == b.asUint();
}

bool isSameKey(const Value& stored, const Value& normalised) {
    Value key;
    return normalise(stored, key) && isSame(key, normalised);
}

/// Both halves of a product of 128 bits: what wyhash mixes with.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Nobody outside knows it, so no message can be made whose keys all fall into one bucket.
std::uint64_t secret() {
    static const std::uint64_t secret = [] {
        std::random_device random;
        return std::uint64_t{random()} << 32 | random() | 1;
    }();
    return secret;
}

std::size_t hashOf(std::string_view text) {
    static constexpr std::uint64_t kMixer = 0x9e37'79b9'7f4a'7c15u;
    std::uint64_t hash = secret() ^ text.size();
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 8))) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), std::min<std::size_t>(text.size(), 8));
        hash = mixed(hash ^ word, kMixer ^ secret());
    }
    return static_cast<std::size_t>(hash);
}

std::size_t hashOf(const Value& key) {
    if (key.is(Kind::String)) return hashOf(key.asString());
    if (key.is(Kind::Bool)) return key.asBool() ? 1 : 2;
    const std::uint64_t number =
        key.is(Kind::Int) ? static_cast<std::uint64_t>(key.asInt()) : key.asUint();
    return static_cast<std::size_t>(mixed(number ^ secret(), secret()));
}

/// Of a small map, by a text: what fields are found by.
const Map::Entry* entryOf(const Map& map, std::string_view key) {
    for (const Map::Entry& entry : map)
        if (entry.key.is(Kind::String) && entry.key.asString() == key) return &entry;
    return nullptr;
}

const Map::Entry* entryOf(const Map& map, const Value& key) {
    if (key.is(Kind::String) && !map.buckets) return entryOf(map, key.asString());
    Value wanted;
    if (!normalise(key, wanted)) return nullptr;
    if (!map.buckets) {
        for (const Map::Entry& entry : map)
            if (isSameKey(entry.key, wanted)) return &entry;
        return nullptr;
    }
    for (std::size_t at = hashOf(wanted) & map.bucketMask; map.buckets[at] != 0;
         at = (at + 1) & map.bucketMask) {
        const Map::Entry& entry = map.entries[map.buckets[at] - 1];
        if (isSameKey(entry.key, wanted)) return &entry;
    }
    return nullptr;
}

}  // namespace

const Value* Map::find(const Value& key) const {
    const Entry* const entry = entryOf(*this, key);
    return entry ? &entry->value : nullptr;
}

MapBuilder::MapBuilder(Arena& arena, std::size_t capacity) : capacity_{capacity} {
    if (capacity > 0x7fff'ffff) return;
    map_ = arena.make<Map>();
    entries_ = arena.array<Map::Entry>(capacity);
    if (!map_ || !entries_) {
        map_ = nullptr;
        return;
    }
    map_->entries = entries_;
    if (capacity <= kScannedEntriesMax) return;
    const std::size_t buckets = std::bit_ceil(capacity * 2);
    buckets_ = arena.array<std::uint32_t>(buckets);
    if (!buckets_) {
        map_ = nullptr;
        return;
    }
    std::fill(buckets_, buckets_ + buckets, 0u);
    map_->buckets = buckets_;
    map_->bucketMask = static_cast<std::uint32_t>(buckets - 1);
}

MapBuilder::Added MapBuilder::add(const Value& key, const Value& value) {
    return put(key, value, false);
}

MapBuilder::Added MapBuilder::set(const Value& key, const Value& value) {
    return put(key, value, true);
}

MapBuilder::Added MapBuilder::put(const Value& key, const Value& value, bool replaces) {
    if (!map_ || map_->size == capacity_) return Added::NoMemory;
    if (!isKey(key)) return Added::WrongKey;
    if (const Map::Entry* const found = entryOf(*map_, key)) {
        if (replaces) entries_[found - map_->entries].value = value;
        return Added::Again;
    }
    new (entries_ + map_->size) Map::Entry{key, value};
    if (buckets_) index(map_->size);
    ++map_->size;
    return Added::Yes;
}

void MapBuilder::index(std::uint32_t entry) {
    Value key;
    normalise(entries_[entry].key, key);
    std::size_t at = hashOf(key) & map_->bucketMask;
    while (buckets_[at] != 0) at = (at + 1) & map_->bucketMask;
    buckets_[at] = entry + 1;
}

const Map* MapBuilder::finish() {
    return map_;
}

}  // namespace sluice::cel
