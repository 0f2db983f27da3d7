#include "expression/Evaluator.h"
#include "expression/Recorder.h"

// Macros that visit a list, or the keys of a map.
namespace sluice::cel {
namespace {

std::size_t sizeOf(const Value& range) {
    return range.is(Kind::Map) ? range.asMap().size : range.asList().size;
}

const Value& itemOf(const Value& range, std::size_t i) {
    return range.is(Kind::Map) ? range.asMap().entries[i].key : range.asList().items[i];
}

std::string_view nameOfMacro(Op op) {
    switch (op) {
        case Op::All:
            return "all";
        case Op::Exists:
            return "exists";
        case Op::ExistsOne:
            return "exists_one";
        case Op::Filter:
            return "filter";
        default:
            return "map";
    }
}

}  // namespace

Value Evaluator::visit(const Node& node) {
    const Value range = evaluate(*node.args[0]);
    if (range.isError()) return range;
    if (!range.is(Kind::List) && !range.is(Kind::Map))
        return evaluation_.noOverload(node, nameOfMacro(node.op), {range});
    if (recorder_) recorder_->enterMacro();
    const bool isQuantifier = node.op != Op::Filter && node.op != Op::Transform;
    const Value value = isQuantifier ? quantified(node, range) : transformed(node, range);
    if (recorder_) recorder_->leaveMacro();
    return value;
}

/// `all` and `exists` absorb errors like `&&` and `||`; exists_one tells each.
Value Evaluator::quantified(const Node& node, const Value& range) {
    const std::size_t size = sizeOf(range);
    std::size_t count = 0;
    Value failed;
    bool hasFailed = false;
    for (std::size_t i = 0; i < size; ++i) {
        if (!evaluation_.spend(1)) return evaluation_.outOfSteps();
        locals_[node.index] = itemOf(range, i);
        Value value = evaluate(*node.args[1]);
        if (value.is(Kind::Bool)) {
            if (node.op == Op::All && !value.asBool()) return value;
            if (node.op == Op::Exists && value.asBool()) return value;
            if (value.asBool()) ++count;
            continue;
        }
        if (!value.isError()) value = evaluation_.noOverload(node, nameOfMacro(node.op), {value});
        if (node.op == Op::ExistsOne) return value;
        if (!hasFailed) failed = value;
        hasFailed = true;
    }
    if (hasFailed) return failed;
    return Value::ofBool(node.op == Op::ExistsOne ? count == 1 : node.op == Op::All);
}

/// `filter`, and `map` with two or three arguments.
Value Evaluator::transformed(const Node& node, const Value& range) {
    const std::size_t size = sizeOf(range);
    Value* const items = evaluation_.arena().array<Value>(size);
    if (!items) return evaluation_.outOfMemory();
    const Node* const condition = node.op == Op::Filter || node.args[2] ? node.args[1] : nullptr;
    const Node* const transformation = node.args[2] ? node.args[2] : node.args[1];
    std::size_t count = 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (!evaluation_.spend(1)) return evaluation_.outOfSteps();
        locals_[node.index] = itemOf(range, i);
        if (condition) {
            const Value passes = evaluate(*condition);
            if (passes.isError()) return passes;
            if (!passes.is(Kind::Bool))
                return evaluation_.noOverload(node, nameOfMacro(node.op), {passes});
            if (!passes.asBool()) continue;
        }
        const Value item = node.op == Op::Filter ? itemOf(range, i) : evaluate(*transformation);
        if (item.isError()) return item;
        new (items + count++) Value{item};
    }
    return evaluation_.list(items, count);
}

}  // namespace sluice::cel
