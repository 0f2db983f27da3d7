#include "filter/FilterSubject.h"

#include "event/EventBatch.h"

namespace sluice {
namespace {

using RefKind = FilterReference::Kind;
using cel::Kind;
using cel::Type;
using cel::Value;

constexpr std::string_view kDataField = "data: ";

std::optional<RefKind> kindOfName(std::string_view name) {
    if (name == "channel") return RefKind::Channel;
    if (name == "event") return RefKind::Event;
    if (name == "key") return RefKind::Key;
    if (name == "data") return RefKind::DataText;
    return std::nullopt;
}

}  // namespace

std::optional<cel::Reference> FilterScope::resolve(std::string_view variable,
                                                   std::span<const cel::PathStep> path) const {
    const std::optional<RefKind> kind = kindOfName(variable);
    if (!kind) return std::nullopt;
    const auto id = static_cast<std::uint32_t>(references_.size());
    if (*kind != RefKind::DataText) {
        references_.push_back({*kind, kNoSlot});
        return cel::Reference{id, 0, Type::of(Kind::String)};
    }
    references_.push_back({path.empty() ? RefKind::DataText : RefKind::DataPath, paths_.add(path)});
    return cel::Reference{id, path.size(), path.empty() ? Type::of(Kind::String) : Type::dyn()};
}

std::vector<std::string> FilterScope::names() const {
    return {"channel", "event", "key", "data"};
}

void FilterSubject::begin(const EventFilter::Subject& subject,
                          const std::vector<FilterReference>& references, const PathTree& tree) {
    subject_ = subject;
    references_ = &references;
    tree_ = &tree;
    isJoined_ = isOpen_ = false;
}

/// The data as a page gets it.
std::string_view FilterSubject::text() const {
    const std::string_view lines = subject_.dataLines;
    if (lines.find('\n') + 1 == lines.size() && lines.starts_with(kDataField))
        return lines.substr(kDataField.size(), lines.size() - kDataField.size() - 1);
    if (!isJoined_) joined_ = dataOf(lines);
    isJoined_ = true;
    return joined_;
}

Payload& FilterSubject::opened() const {
    if (!isOpen_) payload_.load(text(), *tree_);
    isOpen_ = true;
    return payload_;
}

Value FilterSubject::value(std::uint32_t reference, cel::Arena& arena) const {
    const FilterReference& asked = (*references_)[reference];
    switch (asked.kind) {
        case RefKind::Channel:
            return Value::ofString(subject_.channel);
        case RefKind::Event:
            return Value::ofString(subject_.event);
        case RefKind::Key:
            return Value::ofString(subject_.key);
        case RefKind::DataText:
            return Value::ofString(text());
        case RefKind::DataPath:
            return opened().value(asked.slot, arena);
    }
    return Value::missing();
}

Kind FilterSubject::kind(std::uint32_t reference) const {
    const FilterReference& asked = (*references_)[reference];
    if (asked.slot == kNoSlot) return Kind::String;
    const Kind inJson = opened().kind(asked.slot);
    return asked.kind == RefKind::DataText && inJson == Kind::Error ? Kind::String : inJson;
}

}  // namespace sluice
