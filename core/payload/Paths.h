#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Scope.h"

namespace sluice {

/// The number of a path among all that are read.
using SlotId = std::uint32_t;
inline constexpr SlotId kNoSlot = 0xffff'ffff;

/// Most paths that the rules of one input may read.
inline constexpr std::size_t kPathsMax = 1u << 20;

/// All paths into the payload that the rules of one input read, each once: filled at load, by one
/// thread, then constant. A path is the steps behind `payload`; none is the payload itself.
class Paths {
  public:
    using Path = std::vector<cel::PathStep>;

    /// The slot of a path; kNoSlot beyond kPathsMax.
    SlotId add(std::span<const cel::PathStep> path);

    std::size_t size() const { return paths_.size(); }
    const Path& path(SlotId slot) const { return paths_[slot]; }
    /// As an expression names it: `payload.customer['a b'].items[0]`.
    const std::string& text(SlotId slot) const { return texts_[slot]; }

  private:
    std::vector<Path> paths_;
    std::vector<std::string> texts_;
    std::map<std::string, SlotId, std::less<>> byText_;
};

/// "payload.a['b c'][0]".
std::string pathText(std::span<const cel::PathStep> path);

/// Some of the paths as a tree that one walk over a document follows: those that the rules for one
/// topic read. Immutable; any thread may read.
class PathTree {
  public:
    using Place = std::uint32_t;
    static constexpr Place kRoot = 0;
    static constexpr Place kNowhere = 0xffff'ffff;
    static constexpr std::size_t kReadBytes = 8;

    /// Leads nowhere.
    PathTree() : nodes_(1) {}
    PathTree(const Paths& paths, std::span<const SlotId> slots);

    /// The slots, ascending, each once.
    const std::vector<SlotId>& slots() const { return slots_; }
    std::size_t size() const { return nodes_.size(); }

    SlotId slotAt(Place place) const { return nodes_[place].slot; }
    bool hasKeys(Place place) const { return !nodes_[place].keys.empty(); }
    bool hasItems(Place place) const { return !nodes_[place].items.empty(); }
    Place below(Place place, std::string_view key) const;
    /// By the key whose text `rest` begins with, up to a quote. REQUIRES: it has one, and behind it
    /// kReadBytes - 1 bytes can be read.
    Place belowQuoted(Place place, std::string_view rest) const {
        const Node& node = nodes_[place];
        // Most keys of a payload are none that is read: their beginning alone tells.
        return (node.beginnings & beginningBit(rest)) == 0 ? kNowhere : find(node, rest);
    }
    Place below(Place place, std::uint64_t item) const;
    /// Calls `visit` with each place right below one.
    template <typename Visit>
    void eachBelow(Place place, const Visit& visit) const {
        for (const Key& key : nodes_[place].keys) visit(key.place);
        for (const Item& item : nodes_[place].items) visit(item.place);
    }

  private:
    struct Key {
        Key(std::string keyName, Place below);
        bool standsAt(std::uint64_t text, std::string_view rest) const {
            return (text & headMask) == head && rest.size() > name.size() &&
                   rest[name.size()] == '"' &&
                   (name.size() <= kReadBytes || rest.starts_with(name));
        }

        std::string name;
        std::uint64_t head = 0, headMask = 0;  // its first bytes, and which bits they are
        Place place;
    };
    struct Item {
        std::uint64_t index;
        Place place;
    };
    struct Node {
        SlotId slot = kNoSlot;
        std::vector<Key> keys;         // by length, then by bytes
        std::uint64_t beginnings = 0;  // of all keys, by beginningBit
        std::vector<Item> items;       // by index
    };

    /// The bit that stands for the first two bytes of a key that is followed by a quote.
    static std::uint64_t beginningBit(std::string_view quoted) {
        const auto first = static_cast<unsigned char>(quoted[0]);
        const auto second = static_cast<unsigned char>(quoted[first == '"' ? 0 : 1]);
        return std::uint64_t{1} << (first + 7u * second) % 64;
    }
    static Place find(const Node& node, std::string_view rest);
    static Place find(const std::vector<Key>& keys, std::string_view key);

    void add(const Paths::Path& path, SlotId slot);
    Place enter(Place place, const cel::PathStep& step);

    std::vector<SlotId> slots_;
    std::vector<Node> nodes_;
};

}  // namespace sluice
