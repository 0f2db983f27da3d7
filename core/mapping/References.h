#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "expression/Scope.h"
#include "mapping/MappingOptions.h"
#include "payload/Paths.h"

namespace sluice {

/// What a table must know of an input to read the rules that name it.
struct MappingInput {
    std::string name;
    char separator = '/';  // of its topic levels
    PayloadFormat format = PayloadFormat::Json;
    /// Names of its own variables, such as qos; absent: not known, so any name may be one.
    std::optional<std::vector<std::string>> variables{};
    /// Names of variables that its messages never have, such as key.
    std::vector<std::string> absent{};
};

/// The variables of the plugins that come with Sluice and of the built-in input `http`.
std::optional<std::vector<std::string>> variablesOfPlugin(std::string_view plugin);

/// The built-in input `http`: what POST /publish brings, its topics named as channels are.
MappingInput httpMappingInput();

/// Names that are variables of every message: captures must not hide them.
const std::vector<std::string>& messageVariables();

/// What a name in an expression stands for, with the steps behind it that were taken.
struct MessageReference {
    enum class Kind : std::uint8_t {
        Capture,
        Topic,
        Key,
        Header,
        Headers,
        Time,
        Partition,
        Offset,
        Variable,
        Payload
    };
    Kind kind = Kind::Topic;
    std::uint32_t index = 0;  // Capture: in the captures of `from`; Payload: its slot
    std::string name;         // Header, Variable
    bool keepsSlash = false;  // in channels: topic, and captures that take the rest

    /// Whether it is the same for all messages of a topic.
    bool isOfTopic() const { return kind == Kind::Topic || kind == Kind::Capture; }
    bool operator==(const MessageReference&) const = default;
};

/// The names that the expressions of one rule may use; collects what they refer to. Payload paths
/// become slots of `paths`. One thread; lives while the rule is compiled.
class RuleScope final : public cel::Scope {
  public:
    RuleScope(const Pattern& from, const MappingInput& input, Paths& paths)
        : from_{from}, input_{input}, paths_{paths} {}

    std::optional<cel::Reference> resolve(std::string_view variable,
                                          std::span<const cel::PathStep> path) const override;
    std::vector<std::string> names() const override;

    const Pattern& from() const { return from_; }
    const MappingInput& input() const { return input_; }
    /// By the ids that `resolve` gave.
    const std::vector<MessageReference>& references() const { return references_; }

  private:
    std::optional<cel::Reference> find(std::string_view variable,
                                       std::span<const cel::PathStep> path) const;
    std::optional<cel::Reference> resolveCapture(std::string_view name) const;
    cel::Reference resolvePayload(std::span<const cel::PathStep> path) const;
    cel::Reference resolveHeaders(std::span<const cel::PathStep> path) const;
    std::optional<cel::Reference> resolveVariable(std::string_view name) const;
    cel::Reference enter(MessageReference reference, std::size_t stepsTaken, cel::Type type) const;

    const Pattern& from_;
    const MappingInput& input_;
    Paths& paths_;
    mutable std::vector<MessageReference> references_;
};

}  // namespace sluice
