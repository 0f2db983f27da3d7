#include <memory>
#include <string>

#include <re2/re2.h>

#include "expression/Functions.h"

// matches(): regular expressions by RE2, whose time is linear in the text.
namespace sluice::cel {
namespace {

/// Bytes of text that count as one step: far slower than looking at them, in the worst case.
constexpr std::size_t kMatchedStepBytes = 2;

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

Value matches(Evaluation& evaluation, const Node& call, const Value* args) {
    const std::string_view text = args[0].asString();
    if (!evaluation.spend(text.size() / kMatchedStepBytes)) return evaluation.outOfSteps();
    if (call.pattern) return Value::ofBool(re2::RE2::PartialMatch(piece(text), *call.pattern));
    // Only a pattern that the message brings is compiled here.
    std::string reason;
    if (!evaluation.spend(kPatternSteps + args[1].asString().size()))
        return evaluation.outOfSteps();
    const std::unique_ptr<const re2::RE2> pattern = compilePattern(args[1].asString(), reason);
    if (pattern) return Value::ofBool(re2::RE2::PartialMatch(piece(text), *pattern));
    return evaluation.fail(call, Failure::BadValue, {"this is no regular expression: ", reason});
}

}  // namespace

std::unique_ptr<const re2::RE2> compilePattern(std::string_view pattern, std::string& reason) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternBytesMax);
    auto compiled = std::make_unique<const re2::RE2>(piece(pattern), options);
    if (compiled->ok()) return compiled;
    reason = compiled->error();
    return nullptr;
}

void addPatternFunctions(Overloads& overloads) {
    const Type text = Type::of(Kind::String), truth = Type::of(Kind::Bool);
    overloads.push_back({"matches", true, 2, {text, text}, truth, matches});
    overloads.push_back({"matches", false, 2, {text, text}, truth, matches});
}

}  // namespace sluice::cel
