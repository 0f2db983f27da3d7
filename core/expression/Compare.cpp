#include <cmath>
#include <string_view>

#include "expression/Operators.h"

// Equality, order and membership.
namespace sluice::cel {
namespace {

bool isEqualNumber(const Value& a, const Value& b) {
    if (a.is(Kind::Int) && b.is(Kind::Int)) return a.asInt() == b.asInt();
    if (a.is(Kind::Double) || b.is(Kind::Double)) return a.toDouble() == b.toDouble();
    if (a.is(Kind::Uint) && b.is(Kind::Uint)) return a.asUint() == b.asUint();
    const Value& whole = a.is(Kind::Int) ? a : b;
    const Value& natural = a.is(Kind::Int) ? b : a;
    return whole.asInt() >= 0 && static_cast<std::uint64_t>(whole.asInt()) == natural.asUint();
}

std::partial_ordering orderOfNumbers(const Value& a, const Value& b) {
    if (a.is(Kind::Int) && b.is(Kind::Int)) return a.asInt() <=> b.asInt();
    // CEL compares with a double as doubles, even where the int is not exact as one.
    if (a.is(Kind::Double) || b.is(Kind::Double)) return a.toDouble() <=> b.toDouble();
    if (a.is(Kind::Uint) && b.is(Kind::Uint)) return a.asUint() <=> b.asUint();
    if (a.is(Kind::Int)) {
        if (a.asInt() < 0) return std::partial_ordering::less;
        return static_cast<std::uint64_t>(a.asInt()) <=> b.asUint();
    }
    if (b.asInt() < 0) return std::partial_ordering::greater;
    return a.asUint() <=> static_cast<std::uint64_t>(b.asInt());
}

/// How two values stand; nothing where they can not be ordered.
std::optional<std::partial_ordering> orderOf(const Value& a, const Value& b) {
    if (a.isNumber() && b.isNumber()) return orderOfNumbers(a, b);
    if (a.kind() != b.kind()) return std::nullopt;
    switch (a.kind()) {
        case Kind::Bool:
            return a.asBool() <=> b.asBool();
        case Kind::String:
        case Kind::Bytes:
            return a.asString() <=> b.asString();
        case Kind::Timestamp:
            return a.asTimestamp() <=> b.asTimestamp();
        case Kind::Duration:
            return a.asDuration() <=> b.asDuration();
        default:
            return std::nullopt;
    }
}

bool holds(Op op, std::partial_ordering order) {
    switch (op) {
        case Op::Less:
            return order < 0;
        case Op::LessEqual:
            return order <= 0;
        case Op::Greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

bool isText(const Value& value) {
    return value.is(Kind::String) || value.is(Kind::Bytes);
}

std::optional<bool> equalLists(Evaluation& evaluation, const List& a, const List& b) {
    if (a.size != b.size) return false;
    for (std::uint32_t i = 0; i < a.size; ++i) {
        const std::optional<bool> same = equal(evaluation, a.items[i], b.items[i]);
        if (!same || !*same) return same;
    }
    return true;
}

std::optional<bool> equalMaps(Evaluation& evaluation, const Map& a, const Map& b) {
    if (a.size != b.size) return false;
    for (const Map::Entry& entry : a) {
        const Value* const other = b.find(entry.key);
        if (!other) return false;
        const std::optional<bool> same = equal(evaluation, entry.value, *other);
        if (!same || !*same) return same;
    }
    return true;
}

}  // namespace

std::optional<bool> equal(Evaluation& evaluation, const Value& a, const Value& b) {
    if (!evaluation.spend(1)) return std::nullopt;
    if (a.isNumber() && b.isNumber()) return isEqualNumber(a, b);
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case Kind::Null:
            return true;
        case Kind::Bool:
            return a.asBool() == b.asBool();
        case Kind::String:
        case Kind::Bytes:
            if (a.asString().size() != b.asString().size()) return false;
            if (!evaluation.spendBytes(a.asString().size())) return std::nullopt;
            return a.asString() == b.asString();
        case Kind::List:
            return equalLists(evaluation, a.asList(), b.asList());
        case Kind::Map:
            return equalMaps(evaluation, a.asMap(), b.asMap());
        case Kind::Timestamp:
            return a.asTimestamp() == b.asTimestamp();
        case Kind::Duration:
            return a.asDuration() == b.asDuration();
        case Kind::Type:
            return a.asType() == b.asType();
        default:
            return false;
    }
}

Value equality(Evaluation& evaluation, const Node& node, const Value& a, const Value& b) {
    const std::optional<bool> same = equal(evaluation, a, b);
    if (!same) return evaluation.outOfSteps();
    return Value::ofBool(*same == (node.op == Op::Equal));
}

Value comparison(Evaluation& evaluation, const Node& node, const Value& a, const Value& b) {
    const std::optional<std::partial_ordering> order = orderOf(a, b);
    if (!order) return evaluation.noOverload(node, symbolOf(node.op), {a, b});
    if (isText(a) && !evaluation.spendBytes(std::min(a.asString().size(), b.asString().size())))
        return evaluation.outOfSteps();
    return Value::ofBool(holds(node.op, *order));
}

Value membership(Evaluation& evaluation, const Node& node, const Value& item, const Value& in) {
    if (in.is(Kind::Map)) return Value::ofBool(in.asMap().find(item) != nullptr);
    if (!in.is(Kind::List)) return evaluation.noOverload(node, "in", {item, in});
    for (const Value& candidate : in.asList()) {
        const std::optional<bool> same = equal(evaluation, item, candidate);
        if (!same) return evaluation.outOfSteps();
        if (*same) return Value::ofBool(true);
    }
    return Value::ofBool(false);
}

bool canCompare(Type a, Type b) {
    if (a.mayBeNumber() && b.mayBeNumber()) return true;
    for (const Kind kind : {Kind::Bool, Kind::String, Kind::Bytes, Kind::Timestamp, Kind::Duration})
        if (a.mayBe(kind) && b.mayBe(kind)) return true;
    return false;
}

bool canEqual(Type a, Type b) {
    return a.isDyn() || b.isDyn() || a.kind() == b.kind() || (a.mayBeNumber() && b.mayBeNumber());
}

}  // namespace sluice::cel
