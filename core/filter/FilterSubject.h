#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/EventFilter.h"
#include "expression/Scope.h"
#include "payload/Paths.h"
#include "payload/Payload.h"

namespace sluice {

/// What a name in a filter stands for.
struct FilterReference {
    enum class Kind : std::uint8_t { Channel, Event, Key, DataText, DataPath };
    Kind kind = Kind::Channel;
    SlotId slot = kNoSlot;  // of data, in the Paths of its filter
};

/// The names that a filter may use: `channel`, `event`, `key` and `data`, all texts; what stands
/// behind `data` (`data.amount`, `data.items[0]`) looks into it as JSON. Collects what the filter
/// refers to. One thread; lives while the filter is compiled.
class FilterScope final : public cel::Scope {
  public:
    std::optional<cel::Reference> resolve(std::string_view variable,
                                          std::span<const cel::PathStep> path) const override;
    std::vector<std::string> names() const override;

    const Paths& paths() const { return paths_; }
    /// By the ids that `resolve` gave.
    const std::vector<FilterReference>& references() const { return references_; }

  private:
    mutable Paths paths_;
    mutable std::vector<FilterReference> references_;
};

/// What the references of filters mean for one event. The data is parsed when the first of them
/// looks inside, and never where none does. Kept and reused by one thread.
class FilterSubject final : public cel::Activation {
  public:
    /// Lends an event, and what a filter refers to, until the next one.
    void begin(const EventFilter::Subject& subject, const std::vector<FilterReference>& references,
               const PathTree& tree);

    cel::Value value(std::uint32_t reference, cel::Arena& arena) const override;
    /// Of `data` itself the kind that it has as JSON: `has(data.a)` asks for it.
    cel::Kind kind(std::uint32_t reference) const override;

  private:
    std::string_view text() const;
    Payload& opened() const;

    EventFilter::Subject subject_;
    const std::vector<FilterReference>* references_ = nullptr;
    const PathTree* tree_ = nullptr;

    // Looking opens the data, which changes nothing that can be seen.
    mutable Payload payload_;
    mutable std::string joined_;  // data of several lines
    mutable bool isJoined_ = false;
    mutable bool isOpen_ = false;
};

}  // namespace sluice
