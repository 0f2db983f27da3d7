#include <array>
#include <cmath>
#include <string>

#include "expression/Operators.h"

// Indexing and fields.
namespace sluice::cel {
namespace {

Value noSuchKey(Evaluation& evaluation, const Node& node, const Value& key) {
    switch (key.kind()) {
        case Kind::String:
            return evaluation.fail(node, Failure::NoValue, {"no such key: '", key.asString(), "'"});
        case Kind::Int:
            return evaluation.fail(node, Failure::NoValue,
                                   {"no such key: ", std::to_string(key.asInt())});
        default:
            return evaluation.fail(node, Failure::NoValue, {"no such key"});
    }
}

/// The index that a number means; false for none of a list.
bool indexOf(const Value& key, std::uint64_t& index) {
    if (key.is(Kind::Uint)) {
        index = key.asUint();
        return true;
    }
    if (key.is(Kind::Int)) {
        index = static_cast<std::uint64_t>(key.asInt());
        return key.asInt() >= 0;
    }
    const double number = key.asDouble();
    if (!(number >= 0 && number < 0x1p32) || number != std::floor(number)) return false;
    index = static_cast<std::uint64_t>(number);
    return true;
}

}  // namespace

std::string_view symbolOf(Op op) {
    switch (op) {
        case Op::Not:
            return "!";
        case Op::Add:
            return "+";
        case Op::Negate:
        case Op::Subtract:
            return "-";
        case Op::Multiply:
            return "*";
        case Op::Divide:
            return "/";
        case Op::Modulo:
            return "%";
        case Op::Equal:
            return "==";
        case Op::NotEqual:
            return "!=";
        case Op::Less:
            return "<";
        case Op::LessEqual:
            return "<=";
        case Op::Greater:
            return ">";
        case Op::GreaterEqual:
            return ">=";
        case Op::In:
            return "in";
        case Op::And:
            return "&&";
        case Op::Or:
            return "||";
        case Op::Conditional:
            return "?:";
        default:
            return {};
    }
}

Value indexing(Evaluation& evaluation, const Node& node, const Value& operand, const Value& key) {
    if (operand.is(Kind::Map)) {
        const Value* const found = operand.asMap().find(key);
        return found ? *found : noSuchKey(evaluation, node, key);
    }
    if (!operand.is(Kind::List) || !key.isNumber())
        return evaluation.noOverload(node, "[]", {operand, key});
    std::uint64_t index = 0;
    const List& list = operand.asList();
    if (!indexOf(key, index) || index >= list.size)
        return evaluation.fail(
            node, Failure::NoValue,
            {"index out of range: the list has ", std::to_string(list.size), " items"});
    return list.items[index];
}

Value selection(Evaluation& evaluation, const Node& node, const Value& operand) {
    if (!operand.is(Kind::Map))
        return evaluation.fail(
            node, Failure::NoOverload,
            {"a value of type ", wordFor(operand.kind()), " has no field '", node.name, "'"});
    const Value* const found = operand.asMap().find(node.name);
    return found ? *found : noSuchKey(evaluation, node, Value::ofString(node.name));
}

}  // namespace sluice::cel
