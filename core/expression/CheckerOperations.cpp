#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "base/Nearest.h"
#include "expression/Checker.h"
#include "expression/Functions.h"
#include "expression/Operators.h"
#include "expression/TimeZone.h"

// The types that operators, macros and functions take and give.
namespace sluice::cel {
namespace {

std::string quoted(std::string_view text) {
    return "`" + std::string{text} + "`";
}

/// What to write where an operator does not take two types.
std::string hintFor(Op op, Type a, Type b) {
    const bool hasText = a.is(Kind::String) || b.is(Kind::String);
    const bool hasNumber = (!a.isDyn() && a.mayBeNumber()) || (!b.isDyn() && b.mayBeNumber());
    if (hasText && hasNumber)
        return op == Op::Add
                   ? "string(x) makes text of a number, int(x) or double(x) a number of text"
                   : "int(x) or double(x) makes a number of text";
    const bool hasUint = a.is(Kind::Uint) || b.is(Kind::Uint);
    if (hasUint && hasNumber) return "write 1u for a uint, or int(x) and uint(x) to convert";
    return {};
}

bool isScalarKey(Type type) {
    return type.isDyn() || type.is(Kind::Bool) || type.is(Kind::Int) || type.is(Kind::Uint) ||
           type.is(Kind::String);
}

}  // namespace

void Checker::wantBool(const Node& node, std::string_view what) {
    if (node.type.mayBe(Kind::Bool)) return;
    problem(node, "type", std::string{what} + " wants bool, this is " + nameOf(node.type),
            "compare it with something: x > 0, x != ''");
}

void Checker::checkLogic(Node& node) {
    for (const Node* item : node.items) wantBool(*item, quoted(symbolOf(node.op)));
    node.type = Type::of(Kind::Bool);
    const bool decisive = node.op == Op::Or;
    const bool isAllConstant = std::all_of(node.items.begin(), node.items.end(),
                                           [](const Node* item) { return item->isConstant; });
    const bool isDecided = std::any_of(node.items.begin(), node.items.end(), [&](const Node* item) {
        return item->op == Op::Literal && item->value.is(Kind::Bool) &&
               item->value.asBool() == decisive;
    });
    if (!isDecided || isAllConstant) return;
    const std::string outcome = decisive ? "true" : "false";
    warning(node, "always-" + outcome, "this is always " + outcome + ": one side of it is");
}

void Checker::checkConditional(Node& node) {
    wantBool(*node.args[0], "`condition ? a : b`");
    node.type = either(node.args[1]->type, node.args[2]->type);
}

void Checker::checkUnary(Node& node) {
    const Type operand = node.args[0]->type;
    node.type = operand;
    if (node.op == Op::Not) {
        wantBool(*node.args[0], "`!`");
        node.type = Type::of(Kind::Bool);
    } else if (!operand.mayBe(Kind::Int) && !operand.mayBe(Kind::Double)) {
        problem(node, "type", "`-` does not take " + nameOf(operand));
    }
}

/// Arithmetic and order.
void Checker::checkBinary(Node& node) {
    const Type a = node.args[0]->type;
    const Type b = node.args[1]->type;
    const bool isOrder = node.op >= Op::Less && node.op <= Op::GreaterEqual;
    const std::optional<Type> result = !isOrder           ? arithmeticType(node.op, a, b)
                                       : canCompare(a, b) ? std::optional{Type::of(Kind::Bool)}
                                                          : std::nullopt;
    if (!result) {
        node.type = isOrder ? Type::of(Kind::Bool) : Type::dyn();
        problem(node, "type",
                quoted(symbolOf(node.op)) + " does not take " + nameOf(a) + " and " + nameOf(b),
                hintFor(node.op, a, b));
        return;
    }
    node.type = *result;
    if (node.op == Op::Divide && a.isDyn() && b.isDyn())
        warning(node, "division", "of two whole numbers `/` gives a whole number: 7 / 2 is 3",
                "double(x) / y keeps the fraction, int(x) / int(y) says that it is not wanted");
}

void Checker::checkEquality(Node& node) {
    const Type a = node.args[0]->type;
    const Type b = node.args[1]->type;
    node.type = Type::of(Kind::Bool);
    if (canEqual(a, b)) return;
    const std::string outcome = node.op == Op::Equal ? "false" : "true";
    if (a.is(Kind::Null) || b.is(Kind::Null)) {
        warning(node, "always-" + outcome,
                "this is always " + outcome + ": " + nameOf(a) + " and " + nameOf(b));
        return;
    }
    problem(node, "type", nameOf(a) + " and " + nameOf(b) + " are never equal",
            hintFor(node.op, a, b));
}

void Checker::checkMembership(Node& node) {
    const Type item = node.args[0]->type;
    const Type range = node.args[1]->type;
    node.type = Type::of(Kind::Bool);
    if (!range.mayBe(Kind::List) && !range.mayBe(Kind::Map)) {
        problem(node, "type", "`in` looks into a list or a map, not into " + nameOf(range),
                range.is(Kind::String) ? "text.contains('part') looks into text" : "");
        return;
    }
    const Type held = range.is(Kind::Map) ? range.key() : range.element();
    if (!canEqual(item, held))
        problem(node, "type", "no " + nameOf(item) + " is in " + nameOf(range));
}

void Checker::checkSelect(Node& node) {
    const Type operand = node.args[0]->type;
    node.type = operand.is(Kind::Map) ? operand.element() : Type::dyn();
    if (!operand.mayBe(Kind::Map) || !operand.key().mayBe(Kind::String))
        problem(node, "type",
                "a value of type " + nameOf(operand) + " has no field `" + node.name + "`");
}

void Checker::checkIndex(Node& node) {
    const Type operand = node.args[0]->type;
    const Type key = node.args[1]->type;
    node.type = operand.element();
    if (operand.isDyn()) return;
    if (!operand.is(Kind::List) && !operand.is(Kind::Map)) {
        problem(node, "type", "a value of type " + nameOf(operand) + " has no items",
                operand.is(Kind::String) ? "text.charAt(0) gives a character" : "");
    } else if (operand.is(Kind::List) ? !key.mayBeNumber() : !canEqual(key, operand.key())) {
        problem(node, "type", nameOf(operand) + " has no items at " + nameOf(key));
    }
}

void Checker::checkList(Node& node) {
    Type element;
    for (std::size_t i = 0; i < node.items.size(); ++i)
        element = i == 0 ? node.items[i]->type : either(element, node.items[i]->type);
    node.type = Type::list(element);
}

void Checker::checkMap(Node& node) {
    Type key, value;
    for (std::size_t i = 0; i < node.items.size(); i += 2) {
        const Node& keyNode = *node.items[i];
        key = i == 0 ? keyNode.type : either(key, keyNode.type);
        value = i == 0 ? node.items[i + 1]->type : either(value, node.items[i + 1]->type);
        if (!isScalarKey(keyNode.type))
            problem(keyNode, "type",
                    "a key of a map is bool, int, uint or string, not " + nameOf(keyNode.type));
    }
    node.type = Type::map(key, value);
}

void Checker::checkMacro(Node& node) {
    check(*node.args[0]);
    const Type range = node.args[0]->type;
    if (!range.mayBe(Kind::List) && !range.mayBe(Kind::Map))
        problem(node, "type", "a macro visits a list or the keys of a map, not " + nameOf(range));
    if (locals_.size() == kMacroDepthMax) {
        problems_.push_back(
            {node.mark, node.markLength, "limit",
             "macros stand in each other at most " + std::to_string(kMacroDepthMax) + " deep", "",
             false});
        return;
    }
    node.index = static_cast<std::uint32_t>(locals_.size());
    locals_.push_back(&node);
    program_.localCount = std::max(program_.localCount, locals_.size());
    for (std::size_t i = 1; i < node.argCount; ++i) check(*node.args[i]);
    locals_.pop_back();
    const bool isCondition = node.op != Op::Transform || node.argCount == 3;
    if (isCondition) wantBool(*node.args[1], "the condition of a macro");
    if (node.op == Op::Transform) {
        node.type = Type::list(node.args[node.argCount - 1]->type);
    } else if (node.op == Op::Filter) {
        node.type = Type::list(range.is(Kind::Map) ? range.key() : range.element());
    } else {
        node.type = Type::of(Kind::Bool);
    }
}

void Checker::checkCall(Node& node) {
    node.overloads = overloadsOf(node.name, node.isMember);
    if (node.overloads.empty()) return unknownFunction(node);
    std::optional<Type> result;
    for (const Overload& overload : node.overloads) {
        if (overload.argCount != node.items.size()) continue;
        bool fits = true;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            const Type want = overload.args[i], have = node.items[i]->type;
            fits = fits && (want.isDyn() || have.mayBe(want.kind())) &&
                   canEqual(want.element(), have.element());
        }
        if (fits) result = result ? either(*result, overload.result) : overload.result;
    }
    if (result) {
        node.type = *result;
        checkConstantArgument(node);
        return;
    }
    std::string given, ways;
    for (const Node* item : node.items) given += (given.empty() ? "" : ", ") + nameOf(item->type);
    for (const Overload& overload : node.overloads)
        ways += (ways.empty() ? "" : ", ") + signatureOf(overload);
    const std::string message =
        quoted(node.name) + (given.empty() ? " wants arguments" : " does not take " + given);
    const bool isCount = std::none_of(
        node.overloads.begin(), node.overloads.end(),
        [&](const Overload& overload) { return overload.argCount == node.items.size(); });
    // No function takes so many: not even an unchecked call can be evaluated.
    if (isCount) return unknown(node, Failure::NoOverload, "type", message, "write it as " + ways);
    problem(node, "type", message, "write it as " + ways);
}

void Checker::unknownFunction(Node& node) {
    const std::span<const Overload> others = overloadsOf(node.name, !node.isMember);
    const std::string message =
        "there is no function " + quoted(node.name) + (others.empty() ? "" : " of this form");
    const std::string hint =
        others.empty() ? std::string{} : "write it as " + signatureOf(others.front());
    unknown(node, Failure::Unknown, "unknown-function",
            message + (others.empty() ? didYouMean(node.name, functionNames()) : ""), hint);
}

/// Constant patterns and time zones are looked at here, once.
void Checker::checkConstantArgument(Node& node) {
    if (node.items.size() != 2) return;
    const Node& last = *node.items.back();
    if (last.op != Op::Literal || !last.value.is(Kind::String)) return;
    const std::string text{last.value.asString()};
    if (node.name == "matches") {
        std::string reason;
        node.pattern = compilePattern(text, reason);
        if (!node.pattern)
            problem(last, "pattern", "this is no regular expression: " + reason,
                    "the syntax is that of RE2: no look-around, no back-references");
    } else if (node.isMember && takesZone(node.name)) {
        node.zone = TimeZone::find(text);
        if (!node.zone)
            problem(last, "time-zone", "there is no time zone '" + text + "'",
                    "write a name of the system's tzdata such as 'Europe/Berlin', or '+01:00'");
    }
}

}  // namespace sluice::cel
