#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

std::optional<Expression> compiled(std::string_view text, const Scope& scope) {
    std::vector<Problem> problems;
    std::optional<Expression> expression = Expression::compile(text, scope, problems);
    EXPECT_TRUE(problems.empty()) << problems.front().message;
    return expression;
}

/// Writes down what it is asked for; takes all steps of `payload` and none of others.
class Asked final : public Scope {
  public:
    std::optional<Reference> resolve(std::string_view variable,
                                     std::span<const PathStep> path) const override {
        std::string text{variable};
        for (const PathStep& step : path)
            text += step.isIndex ? "[" + std::to_string(step.index) + "]" : "." + step.key;
        paths.push_back(text);
        return Reference{static_cast<std::uint32_t>(paths.size()),
                         variable == "payload" ? path.size() : 0, Type::dyn()};
    }
    std::vector<std::string> names() const override { return {}; }

    mutable std::vector<std::string> paths;
};

std::vector<std::string> askedBy(std::string_view text) {
    const Asked scope;
    compiled(text, scope);
    return scope.paths;
}

using Paths = std::vector<std::string>;

TEST(References, areTheLongestConstantPaths) {
    EXPECT_EQ(askedBy("payload.a.b['c d'][2].e == 1"), Paths{"payload.a.b.c d[2].e"});
    EXPECT_EQ(askedBy("payload.a[topic].c"), (Paths{"payload.a", "topic"}));
    EXPECT_EQ(askedBy("payload.a.startsWith('x')"), Paths{"payload.a"});
    EXPECT_EQ(askedBy("payload.l.exists(x, x.a == payload.b)"), (Paths{"payload.l", "payload.b"}));
    EXPECT_EQ(askedBy("(payload.a).b"), Paths{"payload.a.b"});
    EXPECT_EQ(askedBy("has(payload.a.b)"), (Paths{"payload.a.b", "payload.a"}));
    EXPECT_EQ(askedBy("payload.l[-1 + 1]"), Paths{"payload.l"});
    EXPECT_EQ(askedBy("[{'a': 1}].map(payload, payload.a)"), Paths{});
}

TEST(References, areToldWhereTheyAreAll) {
    const Asked scope;
    EXPECT_TRUE(compiled("payload.a.b", scope)->reference());
    EXPECT_TRUE(compiled("(payload.a)", scope)->reference());
    EXPECT_FALSE(compiled("payload.a + 1", scope)->reference());
    EXPECT_FALSE(compiled("topic.a", scope)->reference());
    EXPECT_TRUE(compiled("topic", scope)->reference());
    const auto two = compiled("payload.x > 1 || payload.y > 1 && has(payload.z.q)", scope);
    EXPECT_EQ(two->references().size(), 4u);
}

TEST(References, neverMatchTheScopeWithoutItsSteps) {
    const TestMessage message{R"({"a": {"b": 5}})"};
    EXPECT_EQ(evaluated("headers.x", message), "error no-value: no such key: 'x'");
    EXPECT_EQ(evaluated("payload.a.b + size(headers)", message), "5");
}

TEST(Expression, knowsLiteralsAndTypes) {
    const TestMessage message;
    EXPECT_EQ(compiled("1 + 2 * 3", message)->literal()->asInt(), 7);
    EXPECT_EQ(compiled("'a' in ['a', 'b'] ? 'x' : 'y'", message)->literal()->asString(), "x");
    EXPECT_FALSE(compiled("topic", message)->literal());
    EXPECT_TRUE(compiled("topic == 'a'", message)->type().is(Kind::Bool));
    EXPECT_TRUE(compiled("payload.a", message)->type().isDyn());
    EXPECT_TRUE(compiled("topic.split('/')", message)->type().element().is(Kind::String));
    EXPECT_EQ(nameOf(compiled("{'a': 1}", message)->type()), "map(string, int)");
    EXPECT_EQ(nameOf(compiled("true ? 1 : 'a'", message)->type()), "dyn");
}

TEST(Expression, livesOnInItsCopies) {
    std::optional<Expression> copy;
    {
        const auto original = compiled("['x', 'y'].join('-') + topic", TestMessage{});
        copy = original;
    }
    Arena arena;
    EXPECT_EQ(copy->evaluate(TestMessage{}, arena).asString(), "x-yorders");
    EXPECT_EQ(copy->text(), "['x', 'y'].join('-') + topic");
}

TEST(Expression, uncheckedTellsErrorsWhereTheyAreEvaluated) {
    const TestMessage message;
    EXPECT_EQ(evaluated("nobody || true", message, Checking::Off), "true");
    EXPECT_EQ(evaluated("1 + 'a'", message, Checking::Off),
              "error no-overload: `+` does not take int and string");
    EXPECT_EQ(evaluated("nothing(1)", message, Checking::Off),
              "error unknown: there is no function `nothing`");
    EXPECT_EQ(evaluated("size(1, 2, 3, 4, 5, 6) || true", message, Checking::Off), "true");
    EXPECT_EQ(evaluated("1 +", message, Checking::Off),
              "4: the expression ends too early: here is a value missing");
}

}  // namespace
}  // namespace sluice::cel
