#include "expression/Evaluation.h"

#include <cstring>
#include <string>

namespace sluice::cel {

Value Evaluation::outOfSteps() {
    static const std::string message =
        "the expression took more than " + std::to_string(kStepsMax) + " steps";
    static const ErrorText text{Failure::Limit, message, {}, 0, 0};
    static const ErrorText ownText{
        Failure::Limit, "the expression took more steps than it may", {}, 0, 0};
    return Value::error(hasOwnBound_ ? &ownText : &text);
}

Value Evaluation::outOfMemory() {
    static const ErrorText text{
        Failure::Limit, "the expression took more memory than an evaluation may", {}, 0, 0};
    return Value::error(&text);
}

Value Evaluation::fail(const Node& node, Failure failure,
                       std::initializer_list<std::string_view> message) {
    std::size_t size = 0;
    for (const std::string_view part : message) size += part.size();
    char* const text = arena_.array<char>(size);
    auto* const error = arena_.make<ErrorText>();
    if (!text || !error) return outOfMemory();
    char* end = text;
    for (const std::string_view part : message) {
        std::memcpy(end, part.data(), part.size());
        end += part.size();
    }
    *error = {failure, {text, size}, {}, node.mark, node.markLength};
    return Value::error(error);
}

Value Evaluation::noOverload(const Node& node, std::string_view what, std::span<const Value> args) {
    std::string message = "`" + std::string{what} + "` does not take ";
    std::size_t left = args.size();
    for (const Value& arg : args) {
        message += wordFor(arg.kind());
        --left;
        if (left > 0) message += left == 1 ? " and " : ", ";
    }
    return fail(node, Failure::NoOverload, {message});
}

Value Evaluation::string(std::string_view text) {
    std::string_view copy;
    if (!spendBytes(text.size())) return outOfSteps();
    return arena_.copy(text, copy) ? Value::ofString(copy) : outOfMemory();
}

Value Evaluation::list(const Value* items, std::size_t size) {
    if (size > 0xffff'ffff) return outOfMemory();
    const List* const list = arena_.make<List>(items, static_cast<std::uint32_t>(size));
    return list ? Value::ofList(list) : outOfMemory();
}

}  // namespace sluice::cel
