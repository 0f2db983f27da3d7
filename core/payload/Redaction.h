#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Scope.h"

namespace sluice {

/// Paths into a JSON text whose values are not shown: they are written as null, and all else stays
/// byte for byte. Filled at load, then constant; any thread may read.
class Redaction {
  public:
    /// What is wrong with the text of a path, and at which byte.
    struct Error {
        std::size_t offset = 0;
        std::string message, hint;
    };

    /// Adds a path as expressions name it, `payload.cards[0].number`, where `[*]` takes every item
    /// of a list. False, and an error, where the text is none.
    bool add(std::string_view path, Error& error);

    bool empty() const { return paths_.empty(); }
    /// Whether the whole text is not to be shown.
    bool hidesAll() const;
    /// What remains to be hidden in the value at a path.
    Redaction below(std::span<const cel::PathStep> path) const;

    /// Appends `json` with all paths in it written as null. REQUIRES: isJson(json).
    void write(std::string_view json, std::string& out) const;

  private:
    struct Step {
        enum class Kind : std::uint8_t { Key, Item, AnyItem };
        Kind kind = Kind::Key;
        std::string key;
        std::uint64_t item = 0;
    };
    using Path = std::vector<Step>;
    class Parser;
    class Writer;

    static bool takes(const Step& step, const cel::PathStep& taken);

    std::vector<Path> paths_;
};

}  // namespace sluice
