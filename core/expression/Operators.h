#pragma once

#include <cstdint>
#include <optional>

#include "expression/Evaluation.h"
#include "expression/Program.h"
#include "expression/Type.h"
#include "expression/Value.h"

/// Operators between values that are no errors, by CEL's langdef.md "List of Standard Definitions",
/// apart from one deviation: an int or uint beside a double is taken as a double.
namespace sluice::cel {

/// The operator as it is written; empty for what is none.
std::string_view symbolOf(Op op);

/// Whether two values are equal: numbers by value whatever their kinds, other kinds never equal
/// each other. Nothing where the steps were used up.
std::optional<bool> equal(Evaluation& evaluation, const Value& a, const Value& b);

/// Equal and NotEqual.
Value equality(Evaluation& evaluation, const Node& node, const Value& a, const Value& b);
/// Less, LessEqual, Greater, GreaterEqual.
Value comparison(Evaluation& evaluation, const Node& node, const Value& a, const Value& b);
/// Add, Subtract, Multiply, Divide, Modulo.
Value arithmetic(Evaluation& evaluation, const Node& node, const Value& a, const Value& b);
Value negation(Evaluation& evaluation, const Node& node, const Value& a);
Value membership(Evaluation& evaluation, const Node& node, const Value& item, const Value& in);
Value indexing(Evaluation& evaluation, const Node& node, const Value& operand, const Value& key);
Value selection(Evaluation& evaluation, const Node& node, const Value& operand);

/// What an arithmetic operator gives for operands of these types; nothing where it takes none.
std::optional<Type> arithmeticType(Op op, Type a, Type b);
/// Whether values of two types can be ordered, can be equal.
bool canCompare(Type a, Type b);
bool canEqual(Type a, Type b);

}  // namespace sluice::cel
