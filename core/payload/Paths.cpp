#include "payload/Paths.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sluice {
namespace {

bool isName(std::string_view key) {
    const auto isLetter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !key.empty() && isLetter(key.front()) &&
           std::all_of(key.begin(), key.end(),
                       [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

void appendQuoted(std::string& out, std::string_view key) {
    out += "['";
    for (const char c : key) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    out += "']";
}

/// The order of keys: most comparisons end at the length.
bool isBefore(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

std::string pathText(std::span<const cel::PathStep> path) {
    std::string text = "payload";
    for (const cel::PathStep& step : path) {
        if (step.isIndex)
            text += '[' + std::to_string(step.index) + ']';
        else if (isName(step.key))
            text += '.' + step.key;
        else
            appendQuoted(text, step.key);
    }
    return text;
}

SlotId Paths::add(std::span<const cel::PathStep> path) {
    std::string text = pathText(path);
    const auto known = byText_.find(text);
    if (known != byText_.end()) return known->second;
    if (paths_.size() >= kPathsMax) return kNoSlot;
    const auto slot = static_cast<SlotId>(paths_.size());
    byText_.emplace(text, slot);
    paths_.emplace_back(path.begin(), path.end());
    texts_.push_back(std::move(text));
    return slot;
}

PathTree::PathTree(const Paths& paths, std::span<const SlotId> slots)
    : slots_{slots.begin(), slots.end()}, nodes_(1) {
    std::sort(slots_.begin(), slots_.end());
    slots_.erase(std::unique(slots_.begin(), slots_.end()), slots_.end());
    for (const SlotId slot : slots_) add(paths.path(slot), slot);
}

void PathTree::add(const Paths::Path& path, SlotId slot) {
    Place place = kRoot;
    for (const cel::PathStep& step : path) {
        // No array has such an item: the slot stays empty.
        if (step.isIndex && step.index < 0) return;
        place = enter(place, step);
    }
    nodes_[place].slot = slot;
}

PathTree::Place PathTree::enter(Place place, const cel::PathStep& step) {
    const auto made = static_cast<Place>(nodes_.size());
    if (step.isIndex) {
        const auto index = static_cast<std::uint64_t>(step.index);
        auto& items = nodes_[place].items;
        const auto at = std::lower_bound(
            items.begin(), items.end(), index,
            [](const Item& item, std::uint64_t wanted) { return item.index < wanted; });
        if (at != items.end() && at->index == index) return at->place;
        items.insert(at, {index, made});
    } else {
        auto& keys = nodes_[place].keys;
        const auto at = std::lower_bound(
            keys.begin(), keys.end(), step.key,
            [](const Key& key, const std::string& wanted) { return isBefore(key.name, wanted); });
        if (at != keys.end() && at->name == step.key) return at->place;
        keys.insert(at, {step.key, made});
        nodes_[place].beginnings |= beginningBit(step.key + '"');
    }
    nodes_.emplace_back();
    return made;
}

PathTree::Key::Key(std::string keyName, Place below) : name{std::move(keyName)}, place{below} {
    const std::size_t length = std::min(name.size(), kReadBytes);
    if (length == 0) return;
    if (name.find_first_of("\"\\") != std::string::npos) {
        head = 1;  // with a mask of 0: such a name stands nowhere as it is
        return;
    }
    std::memcpy(&head, name.data(), length);
    headMask = ~std::uint64_t{0} >> 8 * (kReadBytes - length);
}

PathTree::Place PathTree::below(Place place, std::string_view key) const {
    return find(nodes_[place].keys, key);
}

PathTree::Place PathTree::find(const std::vector<Key>& keys, std::string_view key) {
    const auto at = std::lower_bound(
        keys.begin(), keys.end(), key,
        [](const Key& one, std::string_view wanted) { return isBefore(one.name, wanted); });
    return at != keys.end() && at->name == key ? at->place : kNowhere;
}

PathTree::Place PathTree::find(const Node& node, std::string_view rest) {
    constexpr std::size_t kScannedMax = 8;
    if (node.keys.size() > kScannedMax) {
        const std::size_t end = rest.find_first_of("\"\\");
        return rest[end] == '"' ? find(node.keys, rest.substr(0, end)) : kNowhere;
    }
    std::uint64_t text = 0;
    static_assert(sizeof text == kReadBytes && std::endian::native == std::endian::little);
    std::memcpy(&text, rest.data(), sizeof text);
    for (const Key& one : node.keys)
        if (one.standsAt(text, rest)) return one.place;
    return kNowhere;
}

PathTree::Place PathTree::below(Place place, std::uint64_t item) const {
    const std::vector<Item>& items = nodes_[place].items;
    const auto at =
        std::lower_bound(items.begin(), items.end(), item,
                         [](const Item& one, std::uint64_t wanted) { return one.index < wanted; });
    return at != items.end() && at->index == item ? at->place : kNowhere;
}

}  // namespace sluice
