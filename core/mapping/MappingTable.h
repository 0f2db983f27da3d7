#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/Pattern.h"
#include "expression/Expression.h"
#include "mapping/Data.h"
#include "mapping/MappingOptions.h"
#include "mapping/References.h"
#include "mapping/RuleIndex.h"
#include "mapping/Template.h"
#include "payload/Paths.h"

namespace sluice {

/// Most rules of a table: bounds what one message can become.
inline constexpr std::size_t kRulesMax = 10'000;

/// What is wrong with a rule, or looks so.
struct MappingError {
    std::size_t rule = 0;    // index in MappingOptions::rules
    std::string field;       // its key: "from", "channel", "data", "redact", "on_error", ...
    std::size_t offset = 0;  // byte within that field's text (of `from`: after the colon)
    std::string code;        // short and stable, such as "template"
    std::string message, hint;
    SourceMark mark;       // of the rule
    std::size_t leaf = 0;  // of `data`, `redact`: which of its scalars, in the order of the file
    std::size_t length = 0;
    bool isWarning = false;
};

/// One rule, compiled: the steps from a message to an event.
struct CompiledRule {
    explicit CompiledRule(Pattern takes) : from{std::move(takes)} {}

    std::uint32_t index = 0;  // in file order
    std::string input;
    Pattern from;
    Template channel;
    Template event;               // empty: no event name
    std::optional<Template> key;  // absent: the message's key
    SourceMark mark;
    std::string normalised;  // what decides what a message yields by it; equal for equal rules

    std::optional<cel::Expression> when;  // absent: always
    bool whenIsOfTopic = false;           // it is the same for all messages of a topic
    bool whenLooksInside = false;
    std::optional<Data> data;                // absent: the payload as it is
    std::optional<RuleRedaction> redaction;  // absent: nothing is hidden
    OnError::Kind onError = OnError::Kind::Drop;
    std::optional<Template> deadLetters;  // ToChannel
    std::string deadLetterFile;           // ToFile

    std::vector<MessageReference> references;  // of all its expressions
    std::vector<SlotId> slots;                 // the payload paths among them

    /// Whether it may yield an event on a channel that `channels` matches, for the topic that
    /// `values` lends or, where that is null, for some topic.
    bool mayFeed(const MessageValues* values, const Pattern& channels) const;
};

class RuleCompiler;

/// All rules in force: immutable, swapped as a whole. Any thread may call; Mapper applies it.
class MappingTable {
  public:
    /// What the rules of one input share.
    struct OfInput {
        PayloadFormat format = PayloadFormat::Json;
        Paths paths;
        RuleIndex index;  // numbers are those of rules()
    };

    /// Compiles every rule; null where some rule is wrong. All errors and warnings at once.
    static std::shared_ptr<const MappingTable> compile(const MappingOptions& options,
                                                       std::span<const MappingInput> inputs,
                                                       std::vector<MappingError>& errors);

    const std::vector<CompiledRule>& rules() const { return rules_; }
    /// Null where no rule names the input.
    const OfInput* ofInput(std::string_view input) const;
    std::size_t payloadBytesMax() const { return payloadBytesMax_; }
    std::size_t deadLetterBytesMax() const { return deadLetterBytesMax_; }
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
    /// Patterns of the channels that its rules may feed, each once.
    std::vector<Pattern> channelsOf(std::string_view input) const;
    /// Whether some rule of the input looks at headers.
    bool readsHeaders(std::string_view input) const;
    /// The rule of the input whose `from` is most like the topic, or null where it has none.
    const CompiledRule* nearestRule(std::string_view input, std::string_view topic) const;

  private:
    MappingTable() = default;
    bool add(const MappingRule& text, const MappingInput& input, RuleCompiler& compiler);

    std::vector<CompiledRule> rules_;
    std::map<std::string, OfInput, std::less<>> inputs_;
    std::size_t payloadBytesMax_ = 0, deadLetterBytesMax_ = 0;
    std::string normalised_;
    std::uint16_t generation_ = 0;
    std::uint64_t serial_ = 0;
};

/// "sluice.yaml:12:5", or nothing for what does not stand in a file.
std::string placeOf(const SourceMark& mark);

}  // namespace sluice
