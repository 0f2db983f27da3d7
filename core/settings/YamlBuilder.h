#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "settings/YamlSource.h"

namespace sluice::yaml {

/// Builds nodes of libyaml's events and refuses what a plain document does not have. One use.
class Builder {
  public:
    /// Borrows all three until the nodes are gone (the source) or `build` returned.
    Builder(const Source& source, const Limits& limits, std::vector<Problem>& problems)
        : source_{source}, limits_{limits}, problems_{problems} {}

    /// Fills the document's root. False: with a part of it, as the scanner gave up or a limit was
    /// reached.
    bool build(Node& root);

  private:
    class Events;
    struct Event;
    using KeyLines = std::unordered_map<std::string, std::uint32_t>;  // of one mapping

    bool document(Events& events, Node& root);
    bool value(Events& events, const Event& event, std::size_t depth, Node& node);
    bool collection(Events& events, std::size_t depth, Node& node);
    bool entries(Events& events, std::size_t depth, Node& node);
    Span nothingBehind(const Node& key, const Mark& next) const;
    void checkDecoration(const Event& event);
    bool isGoodKey(const Event& event, KeyLines& lines);
    void refuse(const char* code, std::string message, std::string hint, Span where);

    const Source& source_;
    const Limits& limits_;
    std::vector<Problem>& problems_;
    std::size_t nodes_ = 0;
    bool isStopped_ = false;  // by a limit
};

}  // namespace sluice::yaml
