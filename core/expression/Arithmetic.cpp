#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>

#include "expression/Operators.h"
#include "expression/Time.h"

namespace sluice::cel {
namespace {

/// Which kinds an arithmetic operator takes and gives; `double` also takes one int or uint.
struct Row {
    Op op;
    Kind a, b, result;
};
constexpr std::array<Row, 23> kRows{{
    {Op::Add, Kind::Int, Kind::Int, Kind::Int},
    {Op::Add, Kind::Uint, Kind::Uint, Kind::Uint},
    {Op::Add, Kind::Double, Kind::Double, Kind::Double},
    {Op::Add, Kind::String, Kind::String, Kind::String},
    {Op::Add, Kind::Bytes, Kind::Bytes, Kind::Bytes},
    {Op::Add, Kind::List, Kind::List, Kind::List},
    {Op::Add, Kind::Timestamp, Kind::Duration, Kind::Timestamp},
    {Op::Add, Kind::Duration, Kind::Timestamp, Kind::Timestamp},
    {Op::Add, Kind::Duration, Kind::Duration, Kind::Duration},
    {Op::Subtract, Kind::Int, Kind::Int, Kind::Int},
    {Op::Subtract, Kind::Uint, Kind::Uint, Kind::Uint},
    {Op::Subtract, Kind::Double, Kind::Double, Kind::Double},
    {Op::Subtract, Kind::Timestamp, Kind::Timestamp, Kind::Duration},
    {Op::Subtract, Kind::Timestamp, Kind::Duration, Kind::Timestamp},
    {Op::Subtract, Kind::Duration, Kind::Duration, Kind::Duration},
    {Op::Multiply, Kind::Int, Kind::Int, Kind::Int},
    {Op::Multiply, Kind::Uint, Kind::Uint, Kind::Uint},
    {Op::Multiply, Kind::Double, Kind::Double, Kind::Double},
    {Op::Divide, Kind::Int, Kind::Int, Kind::Int},
    {Op::Divide, Kind::Uint, Kind::Uint, Kind::Uint},
    {Op::Divide, Kind::Double, Kind::Double, Kind::Double},
    {Op::Modulo, Kind::Int, Kind::Int, Kind::Int},
    {Op::Modulo, Kind::Uint, Kind::Uint, Kind::Uint},
}};

bool takes(const Row& row, Type a, Type b) {
    if (row.a != Kind::Double) return a.mayBe(row.a) && b.mayBe(row.b);
    return a.mayBeNumber() && b.mayBeNumber() && (a.mayBe(Kind::Double) || b.mayBe(Kind::Double));
}

/// Whether the operation does not fit.
template <typename Number>
bool overflows(Op op, Number a, Number b, Number& result) {
    switch (op) {
        case Op::Add:
            return __builtin_add_overflow(a, b, &result);
        case Op::Subtract:
            return __builtin_sub_overflow(a, b, &result);
        case Op::Multiply:
            return __builtin_mul_overflow(a, b, &result);
        default:
            break;
    }
    // The one quotient that does not fit.
    if constexpr (std::is_signed_v<Number>)
        if (b == -1)
            return op == Op::Divide ? __builtin_sub_overflow(Number{0}, a, &result)
                                    : (result = 0, a == INT64_MIN);
    result = op == Op::Divide ? a / b : a % b;
    return false;
}

template <typename Number>
Value whole(Evaluation& evaluation, const Node& node, Number a, Number b) {
    Number result{};
    if (b == 0 && (node.op == Op::Divide || node.op == Op::Modulo))
        return evaluation.fail(node, Failure::DivideByZero,
                               {node.op == Op::Divide ? "divide by zero" : "modulus by zero"});
    if (overflows(node.op, a, b, result))
        return evaluation.fail(node, Failure::Overflow,
                               {std::is_signed_v<Number> ? "int overflow" : "uint overflow"});
    if constexpr (std::is_signed_v<Number>) {
        return Value::ofInt(result);
    } else {
        return Value::ofUint(result);
    }
}

Value real(Op op, double a, double b) {
    switch (op) {
        case Op::Add:
            return Value::ofDouble(a + b);
        case Op::Subtract:
            return Value::ofDouble(a - b);
        case Op::Multiply:
            return Value::ofDouble(a * b);
        default:
            return Value::ofDouble(a / b);
    }
}

Value joined(Evaluation& evaluation, std::string_view a, std::string_view b, bool isBytes) {
    if (!evaluation.spendBytes(a.size() + b.size())) return evaluation.outOfSteps();
    char* const text = evaluation.arena().array<char>(a.size() + b.size());
    if (!text) return evaluation.outOfMemory();
    if (!a.empty()) std::memcpy(text, a.data(), a.size());
    if (!b.empty()) std::memcpy(text + a.size(), b.data(), b.size());
    const std::string_view both{text, a.size() + b.size()};
    return isBytes ? Value::ofBytes(both) : Value::ofString(both);
}

Value joined(Evaluation& evaluation, const List& a, const List& b) {
    const std::size_t size = std::size_t{a.size} + b.size;
    if (!evaluation.spend(size)) return evaluation.outOfSteps();
    Value* const items = evaluation.arena().array<Value>(size);
    if (!items) return evaluation.outOfMemory();
    std::uninitialized_copy(b.begin(), b.end(), std::uninitialized_copy(a.begin(), a.end(), items));
    return evaluation.list(items, size);
}

Value ofTime(Evaluation& evaluation, const Node& node, const std::optional<Timestamp>& time) {
    return time ? Value::ofTimestamp(*time)
                : evaluation.fail(node, Failure::Overflow, {"timestamp out of range"});
}

Value ofTime(Evaluation& evaluation, const Node& node, const std::optional<Duration>& time) {
    return time ? Value::ofDuration(*time)
                : evaluation.fail(node, Failure::Overflow, {"duration out of range"});
}

Value timeArithmetic(Evaluation& evaluation, const Node& node, const Value& a, const Value& b) {
    const bool isSum = node.op == Op::Add;
    if (isSum && a.is(Kind::Duration) && b.is(Kind::Timestamp))
        return ofTime(evaluation, node, plus(b.asTimestamp(), a.asDuration()));
    if (a.is(Kind::Timestamp) && b.is(Kind::Timestamp))
        return ofTime(evaluation, node, minus(a.asTimestamp(), b.asTimestamp()));
    const Duration change = isSum ? b.asDuration() : negated(b.asDuration());
    if (a.is(Kind::Timestamp)) return ofTime(evaluation, node, plus(a.asTimestamp(), change));
    return ofTime(evaluation, node, plus(a.asDuration(), change));
}

const Row* rowOf(Op op, Kind a, Kind b) {
    for (const Row& row : kRows)
        if (row.op == op && row.a == a && row.b == b) return &row;
    return nullptr;
}

}  // namespace

Value arithmetic(Evaluation& evaluation, const Node& node, const Value& a, const Value& b) {
    if (a.is(Kind::Int) && b.is(Kind::Int)) return whole(evaluation, node, a.asInt(), b.asInt());
    if (a.isNumber() && b.isNumber() && node.op != Op::Modulo &&
        (a.is(Kind::Double) || b.is(Kind::Double)))
        return real(node.op, a.toDouble(), b.toDouble());
    if (!rowOf(node.op, a.kind(), b.kind()))
        return evaluation.noOverload(node, symbolOf(node.op), {a, b});
    switch (a.kind()) {
        case Kind::Uint:
            return whole(evaluation, node, a.asUint(), b.asUint());
        case Kind::String:
        case Kind::Bytes:
            return joined(evaluation, a.asString(), b.asString(), a.is(Kind::Bytes));
        case Kind::List:
            return joined(evaluation, a.asList(), b.asList());
        default:
            return timeArithmetic(evaluation, node, a, b);
    }
}

Value negation(Evaluation& evaluation, const Node& node, const Value& a) {
    if (a.is(Kind::Double)) return Value::ofDouble(-a.asDouble());
    if (!a.is(Kind::Int)) return evaluation.noOverload(node, "-", {a});
    if (a.asInt() == std::numeric_limits<std::int64_t>::min())
        return evaluation.fail(node, Failure::Overflow, {"int overflow"});
    return Value::ofInt(-a.asInt());
}

std::optional<Type> arithmeticType(Op op, Type a, Type b) {
    std::optional<Type> result;
    for (const Row& row : kRows) {
        if (row.op != op || !takes(row, a, b)) continue;
        if (result && !result->is(row.result)) return Type::dyn();
        result = Type::of(row.result);
    }
    if (result && result->is(Kind::List)) return Type::list(either(a.element(), b.element()));
    return result;
}

}  // namespace sluice::cel
