#include "auth/AllowScope.h"

#include <algorithm>

namespace sluice {

using RefKind = AllowReference::Kind;
using cel::Kind;
using cel::Type;
using cel::Value;

std::optional<cel::Reference> AllowScope::resolve(std::string_view variable,
                                                  std::span<const cel::PathStep> path) const {
    AllowReference reference;
    const auto id = static_cast<std::uint32_t>(references_.size());
    if (variable == "claims") {
        reference.path.assign(path.begin(), path.end());
        references_.push_back(std::move(reference));
        return cel::Reference{id, path.size(), path.empty() ? Type::of(Kind::Map) : Type::dyn()};
    }
    const auto capture = std::find(captures_.begin(), captures_.end(), variable);
    if (capture != captures_.end()) {
        reference.kind = RefKind::Capture;
        reference.capture = static_cast<std::size_t>(capture - captures_.begin());
    } else if (variable == "address") {
        reference.kind = RefKind::Address;
    } else if (variable == "origin") {
        reference.kind = RefKind::Origin;
    } else {
        return std::nullopt;
    }
    references_.push_back(std::move(reference));
    return cel::Reference{id, 0, Type::of(Kind::String)};
}

std::vector<std::string> AllowScope::names() const {
    std::vector<std::string> names{std::begin(kNames), std::end(kNames)};
    names.insert(names.end(), captures_.begin(), captures_.end());
    return names;
}

Value valueAt(const Claims& claims, const std::vector<cel::PathStep>& path) {
    Value value = claims.value();
    for (const cel::PathStep& step : path) {
        const Value* next = nullptr;
        if (step.isIndex && value.is(Kind::List)) {
            const cel::List& list = value.asList();
            const bool isInside = step.index >= 0 && step.index < std::int64_t{list.size};
            if (isInside) next = list.items + step.index;
        } else if (value.is(Kind::Map)) {
            next = step.isIndex ? value.asMap().find(Value::ofInt(step.index))
                                : value.asMap().find(step.key);
        }
        if (!next) return Value::missing();
        value = *next;
    }
    return value;
}

Value AllowSubject::value(std::uint32_t reference, cel::Arena&) const {
    const AllowReference& asked = references_[reference];
    switch (asked.kind) {
        case RefKind::Claims:
            return valueAt(*asker_.claims, asked.path);
        case RefKind::Address:
            return Value::ofString(asker_.address);
        case RefKind::Origin:
            return Value::ofString(asker_.origin);
        case RefKind::Capture:
            return Value::ofString(captures_[asked.capture]);
    }
    return Value::missing();
}

Kind AllowSubject::kind(std::uint32_t reference) const {
    const AllowReference& asked = references_[reference];
    return asked.kind == RefKind::Claims ? valueAt(*asker_.claims, asked.path).kind()
                                         : Kind::String;
}

}  // namespace sluice
