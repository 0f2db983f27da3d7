#include "mapping/References.h"

#include <algorithm>
#include <array>

#include "base/Nearest.h"

namespace sluice {
namespace {

using cel::Kind;
using cel::Type;
using RefKind = MessageReference::Kind;

struct Metadata {
    std::string_view name;
    RefKind kind;
    Type type;
};
/// An offset is a number, or of two words as the source writes it.
constexpr std::array kMetadata{Metadata{"topic", RefKind::Topic, Type::of(Kind::String)},
                               Metadata{"key", RefKind::Key, Type::of(Kind::String)},
                               Metadata{"time", RefKind::Time, Type::of(Kind::Timestamp)},
                               Metadata{"partition", RefKind::Partition, Type::of(Kind::Int)},
                               Metadata{"offset", RefKind::Offset, Type::dyn()}};

}  // namespace

std::optional<std::vector<std::string>> variablesOfPlugin(std::string_view plugin) {
    using Names = std::vector<std::string>;
    if (plugin == "kafka" || plugin == "ticker") return Names{};
    if (plugin == "mqtt")
        return Names{"qos", "retained", "duplicate", "content_type", "response_topic"};
    if (plugin == "redis") return Names{"id"};
    if (plugin == "zeromq") {
        Names names{"frames"};
        for (int i = 0; i < 16; ++i) names.push_back("frame" + std::to_string(i));
        return names;
    }
    if (plugin == "http") return Names{"event"};
    return std::nullopt;
}

MappingInput httpMappingInput() {
    return {"http",
            '/',
            PayloadFormat::Json,
            variablesOfPlugin("http"),
            {"headers", "partition", "offset"}};
}

const std::vector<std::string>& messageVariables() {
    static const std::vector<std::string> names{"topic",     "key",    "headers", "time",
                                                "partition", "offset", "payload"};
    return names;
}

std::optional<cel::Reference> RuleScope::resolve(std::string_view variable,
                                                 std::span<const cel::PathStep> path) const {
    std::optional<cel::Reference> found = find(variable, path);
    const std::vector<std::string>& absent = input_.absent;
    if (found && std::find(absent.begin(), absent.end(), variable) != absent.end())
        found->absence = "messages of the input '" + input_.name + "' have none";
    return found;
}

std::optional<cel::Reference> RuleScope::find(std::string_view variable,
                                              std::span<const cel::PathStep> path) const {
    if (variable == "payload") return resolvePayload(path);
    if (variable == "headers") return resolveHeaders(path);
    for (const Metadata& metadata : kMetadata)
        if (metadata.name == variable)
            return enter({metadata.kind, 0, {}, metadata.kind == RefKind::Topic}, 0, metadata.type);
    if (const auto capture = resolveCapture(variable)) return capture;
    return resolveVariable(variable);
}

std::optional<cel::Reference> RuleScope::resolveCapture(std::string_view name) const {
    std::uint32_t index = 0;
    for (const Pattern::Part& part : from_.parts()) {
        if (!part.isCapture) continue;
        if (part.text == name)
            return enter({RefKind::Capture, index, {}, part.takesRest}, 0, Type::of(Kind::String));
        ++index;
    }
    return std::nullopt;
}

cel::Reference RuleScope::resolvePayload(std::span<const cel::PathStep> path) const {
    const Kind whole = input_.format == PayloadFormat::Text ? Kind::String : Kind::Bytes;
    const bool isJson = input_.format == PayloadFormat::Json;
    if (!isJson) path = {};
    return enter({RefKind::Payload, paths_.add(path), {}, false}, path.size(),
                 isJson ? Type::dyn() : Type::of(whole));
}

cel::Reference RuleScope::resolveHeaders(std::span<const cel::PathStep> path) const {
    const Type text = Type::of(Kind::String);
    if (path.empty() || path.front().isIndex)
        return enter({RefKind::Headers, 0, {}, false}, 0, Type::map(text, text));
    return enter({RefKind::Header, 0, path.front().key, false}, 1, text);
}

/// Which variables the input of an unknown plugin has shows at run time only: all that can be
/// refused here is what looks like a slip.
std::optional<cel::Reference> RuleScope::resolveVariable(std::string_view name) const {
    const auto& known = input_.variables;
    const bool mayBe = known ? std::find(known->begin(), known->end(), name) != known->end()
                             : nearest(name, names()).empty();
    if (!mayBe) return std::nullopt;
    Type type;
    if (name == "qos" || name == "frames") type = Type::of(Kind::Int);
    if (name == "retained" || name == "duplicate") type = Type::of(Kind::Bool);
    if (known && type.isDyn()) type = Type::of(Kind::String);
    return enter({RefKind::Variable, 0, std::string{name}, false}, 0, type);
}

std::vector<std::string> RuleScope::names() const {
    std::vector<std::string> names = messageVariables();
    names.insert(names.end(), from_.names().begin(), from_.names().end());
    if (input_.variables)
        names.insert(names.end(), input_.variables->begin(), input_.variables->end());
    return names;
}

cel::Reference RuleScope::enter(MessageReference reference, std::size_t stepsTaken,
                                cel::Type type) const {
    const auto known = std::find(references_.begin(), references_.end(), reference);
    const auto id = static_cast<std::uint32_t>(known - references_.begin());
    if (known == references_.end()) references_.push_back(std::move(reference));
    return {id, stepsTaken, type};
}

}  // namespace sluice
