#include <charconv>
#include <cmath>

#include "expression/Functions.h"
#include "expression/Json.h"
#include "expression/Time.h"

// int() uint() double() string() bytes() bool() timestamp() duration() type() dyn() size().
namespace sluice::cel {
namespace {

using Args = const Value*;

Value same(Evaluation&, const Node&, Args args) {
    return args[0];
}

Value typeOf(Evaluation&, const Node&, Args args) {
    return Value::ofType(args[0].kind());
}

}  // namespace

void addConversions(Overloads& overloads) {
    const Type any = Type::dyn();
    overloads.push_back({"dyn", false, 1, {any}, any, same});
    overloads.push_back({"type", false, 1, {any}, Type::of(Kind::Type), typeOf});
}

}  // namespace sluice::cel
