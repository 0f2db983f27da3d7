#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "mapping/MappingOptions.h"
#include "mapping/Template.h"

namespace sluice {

/// Most rules of a table: bounds what one message can become.
inline constexpr std::size_t kRulesMax = 10'000;

/// What a table must know of an input to read the rules that name it.
struct MappingInput {
    std::string name;
    char separator = '/';  // of its topic levels
};

/// What is wrong with a rule.
struct MappingError {
    std::size_t rule = 0;    // index in MappingOptions::rules
    std::string field;       // "from", "channel", "event" or "key"
    std::size_t offset = 0;  // byte within that field's text (of `from`: after the colon)
    std::string code;        // short and stable, such as "template"
    std::string message, hint;
    SourceMark mark;  // of the rule
};

/// One rule, compiled: the steps from a message to an event.
struct CompiledRule {
    std::uint32_t index = 0;  // in file order
    std::string input;
    Pattern from;
    Template channel;
    Template event;               // empty: no event name
    std::optional<Template> key;  // absent: the message's key
    SourceMark mark;
    std::string normalised;  // what decides what a message yields by it; equal for equal rules
};

/// All rules in force: immutable, swapped as a whole. Any thread may call; Mapper applies it.
class MappingTable {
  public:
    /// Compiles every rule; null and all errors at once if some rule is wrong.
    static std::shared_ptr<const MappingTable> compile(const MappingOptions& options,
                                                       std::span<const MappingInput> inputs,
                                                       std::vector<MappingError>& errors);

    const std::vector<CompiledRule>& rules() const { return rules_; }
    std::size_t payloadBytesMax() const { return payloadBytesMax_; }
    /// Everything that decides what a message yields, as text: equal for equal mappings.
    const std::string& normalised() const { return normalised_; }
    /// The generation in event ids: equal on nodes with equal mappings.
    std::uint16_t generation() const { return generation_; }
    /// The number of this table among all that the process compiled; never 0.
    std::uint64_t serial() const { return serial_; }

    /// Whether messages of this topic (or of some topic) of the input may yield events on a channel
    /// that `channels` matches. May err towards true, never towards false.
    bool mayFeed(std::string_view input, std::string_view topic, const Pattern& channels) const;
    /// Of topics that none of `except` takes.
    bool mayFeed(std::string_view input, const Pattern& channels,
                 std::span<const Pattern> except = {}) const;

    /// The patterns of `from` that name this input, each once.
    std::vector<Pattern> patternsOf(std::string_view input) const;
    /// Whether some rule of the input looks at headers.
    bool readsHeaders(std::string_view input) const;
    /// The rule of the input whose `from` is most like the topic, or null where it has none.
    const CompiledRule* nearestRule(std::string_view input, std::string_view topic) const;

  private:
    MappingTable() = default;

    std::vector<CompiledRule> rules_;
    std::size_t payloadBytesMax_ = 0;
    std::string normalised_;
    std::uint16_t generation_ = 0;
    std::uint64_t serial_ = 0;
};

/// "sluice.yaml:12:5", or nothing for what does not stand in a file.
std::string placeOf(const SourceMark& mark);

}  // namespace sluice
