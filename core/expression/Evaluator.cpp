#include "expression/Evaluator.h"

#include <array>
#include <span>

#include "expression/Collections.h"
#include "expression/Functions.h"
#include "expression/Operators.h"
#include "expression/Recorder.h"

namespace sluice::cel {

Value Evaluator::evaluate(const Node& node) {
    if (node.op == Op::Literal) return node.value;
    if (!evaluation_.spend(1)) return evaluation_.outOfSteps();
    return recorder_ ? recorded(node) : operation(node);
}

Value Evaluator::recorded(const Node& node) {
    const std::size_t part = recorder_->begin(node);
    const Value value = operation(node);
    recorder_->end(part, value);
    return value;
}

Value Evaluator::operation(const Node& node) {
    switch (node.op) {
        case Op::Broken:
        case Op::Name:
            return Value::error(node.failure);
        case Op::Literal:
            return node.value;
        case Op::Reference:
            return reference(node);
        case Op::Local:
            return locals_[node.index];
        case Op::HasReference:
            return hasReference(node);
        case Op::HasField:
            return hasField(node);
        case Op::List:
            return list(node);
        case Op::Map:
            return map(node);
        case Op::Select:
        case Op::Not:
        case Op::Negate:
            return unaryOperation(node);
        case Op::And:
            return logic(node, false);
        case Op::Or:
            return logic(node, true);
        case Op::Conditional:
            return conditional(node);
        case Op::All:
        case Op::Exists:
        case Op::ExistsOne:
        case Op::Filter:
        case Op::Transform:
            return visit(node);
        case Op::Default: {
            const Value value = evaluate(*node.args[0]);
            return value.isError() ? evaluate(*node.args[1]) : value;
        }
        case Op::Call:
            return call(node);
        default:
            return binaryOperation(node);
    }
}

Value Evaluator::reference(const Node& node) {
    Value value = activation_.value(node.index, evaluation_.arena());
    // What is missing everywhere has the same error, made at compile time.
    if (value.isError() && value.failure() == Failure::NoValue) value = Value::error(node.failure);
    return value;
}

Value Evaluator::hasReference(const Node& node) {
    if (activation_.kind(node.index) != Kind::Error) return Value::ofBool(true);
    if (node.parent == kNoParent) return Value::ofBool(false);
    const Kind parent = activation_.kind(node.parent);
    if (parent == Kind::Map) return Value::ofBool(false);
    if (parent == Kind::Error) return Value::error(node.failure);
    return evaluation_.fail(
        node, Failure::NoOverload,
        {"a value of type ", wordFor(parent), " has no field '", node.name, "'"});
}

Value Evaluator::hasField(const Node& node) {
    const Value operand = evaluate(*node.args[0]);
    if (operand.isError()) return operand;
    if (operand.is(Kind::Map)) return Value::ofBool(operand.asMap().find(node.name) != nullptr);
    return evaluation_.fail(
        node, Failure::NoOverload,
        {"a value of type ", wordFor(operand.kind()), " has no field '", node.name, "'"});
}

Value Evaluator::unaryOperation(const Node& node) {
    const Value operand = evaluate(*node.args[0]);
    if (operand.isError()) return operand;
    if (node.op == Op::Select) return selection(evaluation_, node, operand);
    if (node.op == Op::Negate) return negation(evaluation_, node, operand);
    if (operand.is(Kind::Bool)) return Value::ofBool(!operand.asBool());
    return evaluation_.noOverload(node, "!", {operand});
}

Value Evaluator::binaryOperation(const Node& node) {
    // Constants are used where they lie; copying values is much of what small expressions cost.
    const auto isLiteral = [](const Node* operand) { return operand->op == Op::Literal; };
    const Node* const first = node.args[0];
    const Value leftMade = isLiteral(first) ? Value{} : evaluate(*first);
    const Value& left = isLiteral(first) ? first->value : leftMade;
    if (left.isError()) return left;
    const Node* const second = node.args[1];
    const Value rightMade = isLiteral(second) ? Value{} : evaluate(*second);
    const Value& right = isLiteral(second) ? second->value : rightMade;
    if (right.isError()) return right;
    switch (node.op) {
        case Op::Equal:
        case Op::NotEqual:
            return equality(evaluation_, node, left, right);
        case Op::Less:
        case Op::LessEqual:
        case Op::Greater:
        case Op::GreaterEqual:
            return comparison(evaluation_, node, left, right);
        case Op::In:
            return membership(evaluation_, node, left, right);
        case Op::Index:
            return indexing(evaluation_, node, left, right);
        default:
            return arithmetic(evaluation_, node, left, right);
    }
}

/// `&&` (decisive: false) and `||` (decisive: true): an operand that decides absorbs the errors of
/// all others, on either side.
Value Evaluator::logic(const Node& node, bool decisive) {
    Value failed;
    bool hasFailed = false;
    for (const Node* item : node.items) {
        const Value value = evaluate(*item);
        if (value.is(Kind::Bool)) {
            if (value.asBool() == decisive) return Value::ofBool(decisive);
        } else if (!hasFailed) {
            hasFailed = true;
            failed =
                value.isError() ? value : evaluation_.noOverload(*item, symbolOf(node.op), {value});
        }
    }
    return hasFailed ? failed : Value::ofBool(!decisive);
}

Value Evaluator::conditional(const Node& node) {
    const Value condition = evaluate(*node.args[0]);
    if (condition.isError()) return condition;
    if (!condition.is(Kind::Bool)) return evaluation_.noOverload(node, "?:", {condition});
    return evaluate(*node.args[condition.asBool() ? 1 : 2]);
}

Value Evaluator::list(const Node& node) {
    Value* const items = evaluation_.arena().array<Value>(node.items.size());
    if (!items) return evaluation_.outOfMemory();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const Value* const item = new (items + i) Value{evaluate(*node.items[i])};
        if (item->isError()) return *item;
    }
    return evaluation_.list(items, node.items.size());
}

Value Evaluator::map(const Node& node) {
    MapBuilder builder{evaluation_.arena(), node.items.size() / 2};
    for (std::size_t i = 0; i < node.items.size(); i += 2) {
        const Value key = evaluate(*node.items[i]);
        if (key.isError()) return key;
        const Value value = evaluate(*node.items[i + 1]);
        if (value.isError()) return value;
        switch (builder.add(key, value)) {
            case MapBuilder::Added::Yes:
                break;
            case MapBuilder::Added::Again:
                return evaluation_.fail(*node.items[i], Failure::BadValue,
                                        {"a map holds each key once"});
            case MapBuilder::Added::WrongKey:
                return evaluation_.fail(
                    *node.items[i], Failure::BadValue,
                    {"a key of a map is bool, int, uint or string, not ", wordFor(key.kind())});
            case MapBuilder::Added::NoMemory:
                return evaluation_.outOfMemory();
        }
    }
    const Map* const map = builder.finish();
    return map ? Value::ofMap(map) : evaluation_.outOfMemory();
}

Value Evaluator::call(const Node& node) {
    std::array<Value, kArgumentsMax> args;
    const std::size_t count = node.items.size();
    for (std::size_t i = 0; i < count; ++i) {
        args[i] = evaluate(*node.items[i]);
        if (args[i].isError()) return args[i];
    }
    for (const Overload& overload : node.overloads)
        if (overload.argCount == count && overload.takes({args.data(), count}))
            return overload.function(evaluation_, node, args.data());
    return evaluation_.noOverload(node, node.name, std::span{args.data(), count});
}

}  // namespace sluice::cel
