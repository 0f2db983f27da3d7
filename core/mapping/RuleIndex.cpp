#include "mapping/RuleIndex.h"

#include <algorithm>

namespace sluice {
namespace {

/// One level of a pattern.
struct Level {
    std::string text;
    bool isText = true;  // no capture in it
    bool takesRest = false;
};

std::vector<Level> levelsOf(const Pattern& pattern) {
    std::vector<Level> levels(1);
    for (const Pattern::Part& part : pattern.parts()) {
        if (part.isCapture) {
            levels.back().isText = false;
            levels.back().takesRest = part.takesRest;
            continue;
        }
        for (const char c : part.text) {
            if (c == pattern.separator())
                levels.emplace_back();
            else
                levels.back().text += c;
        }
    }
    return levels;
}

}  // namespace

void RuleIndex::add(const Pattern& pattern, std::uint32_t number) {
    separator_ = pattern.separator();
    Place place = 0;
    for (const Level& level : levelsOf(pattern)) {
        if (level.takesRest) {
            nodes_[place].rest.push_back(number);
            return;
        }
        place = enter(place, level.text, level.isText);
    }
    nodes_[place].ending.push_back(number);
}

RuleIndex::Place RuleIndex::enter(Place place, const std::string& level, bool isText) {
    const auto made = static_cast<Place>(nodes_.size());
    if (isText) {
        const auto [entry, isNew] = nodes_[place].texts.try_emplace(level, made);
        if (!isNew) return entry->second;
    } else {
        if (nodes_[place].any != 0) return nodes_[place].any;
        nodes_[place].any = made;
    }
    nodes_.emplace_back();
    return made;
}

std::vector<std::uint32_t> RuleIndex::candidates(std::string_view topic) const {
    std::vector<std::uint32_t> found;
    collect(0, topic, false, found);
    std::sort(found.begin(), found.end());
    return found;
}

void RuleIndex::collect(Place place, std::string_view rest, bool atEnd,
                        std::vector<std::uint32_t>& found) const {
    const Node& node = nodes_[place];
    if (atEnd) {
        found.insert(found.end(), node.ending.begin(), node.ending.end());
        return;
    }
    found.insert(found.end(), node.rest.begin(), node.rest.end());
    const std::size_t end = std::min(rest.find(separator_), rest.size());
    const std::string_view level = rest.substr(0, end);
    const bool isLast = end == rest.size();
    const std::string_view below = isLast ? std::string_view{} : rest.substr(end + 1);
    if (const auto text = node.texts.find(level); text != node.texts.end())
        collect(text->second, below, isLast, found);
    if (node.any != 0) collect(node.any, below, isLast, found);
}

}  // namespace sluice
