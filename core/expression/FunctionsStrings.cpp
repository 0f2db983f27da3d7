#include <re2/re2.h>

#include "expression/Functions.h"

namespace sluice::cel {
namespace {

using Args = const Value*;

Value startsWith(Evaluation&, const Node&, Args args) {
    return Value::ofBool(args[0].asString().starts_with(args[1].asString()));
}

Value matches(Evaluation& evaluation, const Node& call, Args args) {
    const std::string_view text = args[0].asString();
    if (!evaluation.spend(text.size() / 8)) return evaluation.outOfSteps();
    if (call.pattern)
        return Value::ofBool(re2::RE2::PartialMatch({text.data(), text.size()}, *call.pattern));
    std::string reason;
    if (!evaluation.spend(kPatternSteps)) return evaluation.outOfSteps();
    const auto pattern = compilePattern(args[1].asString(), reason);
    if (!pattern)
        return evaluation.fail(call, Failure::BadValue, {"no regular expression: ", reason});
    return Value::ofBool(re2::RE2::PartialMatch({text.data(), text.size()}, *pattern));
}

}  // namespace

std::unique_ptr<const re2::RE2> compilePattern(std::string_view pattern, std::string& reason) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternBytesMax);
    auto compiled =
        std::make_unique<const re2::RE2>(re2::StringPiece{pattern.data(), pattern.size()}, options);
    if (compiled->ok()) return compiled;
    reason = compiled->error();
    return nullptr;
}

void addStringFunctions(Overloads& overloads) {
    const Type text = Type::of(Kind::String), truth = Type::of(Kind::Bool);
    overloads.push_back({"startsWith", true, 2, {text, text}, truth, startsWith});
    overloads.push_back({"matches", true, 2, {text, text}, truth, matches});
    overloads.push_back({"matches", false, 2, {text, text}, truth, matches});
}

void addTimeFunctions(Overloads&) {}

}  // namespace sluice::cel
