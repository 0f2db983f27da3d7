#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Expression.h"
#include "expression/Json.h"

namespace sluice::cel {

/// Variables `payload` (a JSON text, each path a reference of its own), `topic` (a string without
/// steps) and `headers` (a map of strings), and their values: a small stand-in for a mapping.
class TestMessage final : public Scope, public Activation {
  public:
    explicit TestMessage(std::string_view payload = "{}", std::string_view topic = "orders")
        : text_{payload}, payload_{parseJson(text_, arena_)}, topic_{topic} {}

    std::optional<Reference> resolve(std::string_view variable,
                                     std::span<const PathStep> path) const override {
        if (variable == "topic") return Reference{0, 0, Type::of(Kind::String)};
        if (variable == "headers")
            return Reference{1, 0, Type::map(Type::of(Kind::String), Type::of(Kind::String))};
        if (variable != "payload") return std::nullopt;
        paths_.emplace_back(path.begin(), path.end());
        return Reference{static_cast<std::uint32_t>(paths_.size() + 1), path.size(), Type::dyn()};
    }
    std::vector<std::string> names() const override { return {"payload", "topic", "headers"}; }

    Value value(std::uint32_t reference, Arena&) const override {
        if (reference == 0) return Value::ofString(topic_);
        if (reference == 1) return Value::ofMap(&noHeaders_);
        Value value = payload_;
        for (const PathStep& step : paths_[reference - 2]) value = at(value, step);
        return value;
    }
    Kind kind(std::uint32_t reference) const override {
        Arena none;
        return value(reference, none).kind();
    }

    std::size_t pathCount() const { return paths_.size(); }

  private:
    static Value at(const Value& value, const PathStep& step) {
        if (value.is(Kind::Map) && !step.isIndex) {
            const Value* const found = value.asMap().find(step.key);
            return found ? *found : Value::missing();
        }
        if (!value.is(Kind::List) || !step.isIndex) return Value::missing();
        const List& list = value.asList();
        const auto index = static_cast<std::uint64_t>(step.index);
        return index < list.size ? list.items[index] : Value::missing();
    }
    Arena arena_;
    std::string text_;
    Value payload_;
    std::string topic_;
    Map noHeaders_;
    mutable std::vector<std::vector<PathStep>> paths_;
};

/// What an expression gives, as a CEL text; "error CODE: message", or the problems of compiling,
/// each "column: message".
inline std::string evaluated(std::string_view text, const TestMessage& message = TestMessage{},
                             Checking checking = Checking::On) {
    std::vector<Problem> problems;
    const std::optional<Expression> expression =
        Expression::compile(text, message, problems, checking);
    std::string result;
    if (!expression) {
        for (const Problem& problem : problems)
            if (!problem.isWarning)
                result += (result.empty() ? "" : "; ") + std::to_string(problem.offset + 1) + ": " +
                          problem.message;
        return result;
    }
    Arena arena;
    const Value value = expression->evaluate(message, arena);
    if (value.isError())
        return "error " + std::string{codeOf(value.failure())} + ": " +
               std::string{value.asError().message};
    appendCel(result, value);
    return result;
}

}  // namespace sluice::cel
