#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "expression/Arena.h"
#include "payload/Paths.h"
#include "payload/Payload.h"

namespace sluice {

/// "a.b", "a[0]", "" as the steps of a path.
inline Paths::Path stepsOf(std::string_view text) {
    Paths::Path path;
    while (!text.empty()) {
        const bool isIndex = text.front() == '[';
        if (text.front() == '.' || isIndex) text.remove_prefix(1);
        const std::size_t end = std::min(text.find_first_of(isIndex ? "]" : ".["), text.size());
        const std::string word{text.substr(0, end)};
        cel::PathStep step;
        step.isIndex = isIndex;
        if (isIndex)
            step.index = std::stoll(word);
        else
            step.key = word;
        path.push_back(std::move(step));
        text.remove_prefix(std::min(end + (isIndex ? 1 : 0), text.size()));
    }
    return path;
}

/// Reads documents with one payload, as a thread does; shows what its slots hold.
class PayloadTest : public testing::Test {
  protected:
    /// The raw texts at the paths, joined by a space: "-" for what is not there; "broken: WHY" for
    /// what is no JSON.
    std::string found(std::string_view json, const std::vector<std::string>& paths) {
        arena.reset();
        Paths known;
        std::vector<SlotId> slots;
        for (const std::string& path : paths) slots.push_back(known.add(stepsOf(path)));
        tree.emplace(known, slots);
        if (!payload.load(json, *tree)) return "broken: " + payload.problem();
        std::string text;
        for (const SlotId slot : slots) {
            text += text.empty() ? "" : " ";
            text += payload.raw(slot).value_or("-");
        }
        return payload.problem().empty() ? text : "broken: " + payload.problem();
    }

    std::optional<PathTree> tree;
    cel::Arena arena;
    Payload payload;
};

}  // namespace sluice
