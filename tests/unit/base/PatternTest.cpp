#include <random>

#include <gtest/gtest.h>

#include "base/Pattern.h"

namespace sluice {
namespace {

Pattern pattern(std::string_view text, char separator = '/') {
    Pattern::Error error;
    auto parsed = Pattern::parse(text, separator, &error);
    if (!parsed) throw std::runtime_error{error.message};
    return *parsed;
}

std::vector<std::string> capturesOf(const Pattern& pattern, std::string_view subject) {
    Pattern::Captures captures;
    if (!pattern.match(subject, captures)) return {"no match"};
    return {captures.begin(), captures.end()};
}

using Strings = std::vector<std::string>;

TEST(Pattern, aLiteralMatchesItselfOnly) {
    const Pattern orders = pattern("orders/eu");
    EXPECT_TRUE(orders.isLiteral());
    EXPECT_TRUE(orders.matches("orders/eu"));
    EXPECT_FALSE(orders.matches("orders/eu/1"));
    EXPECT_FALSE(orders.matches("orders/e"));
    EXPECT_EQ(orders.literalPrefix(), "orders/eu");
}

TEST(Pattern, aCaptureTakesOneLevel) {
    const Pattern orders = pattern("orders.{region}", '.');
    EXPECT_EQ(capturesOf(orders, "orders.eu"), Strings{"eu"});
    EXPECT_FALSE(orders.matches("orders."));
    EXPECT_FALSE(orders.matches("orders.eu.west"));
    EXPECT_EQ(orders.names(), Strings{"region"});
    EXPECT_EQ(orders.literalPrefix(), "orders.");
}

TEST(Pattern, captureOfTheRestTakesSeparatorsAndAtLeastOneCharacter) {
    const Pattern all = pattern("a/{rest**}");
    EXPECT_EQ(capturesOf(all, "a/b/c"), Strings{"b/c"});
    EXPECT_FALSE(all.matches("a/"));
    EXPECT_TRUE(pattern("{all**}").matches("x/y"));
}

TEST(Pattern, severalCapturesOfALevelAreTakenShortestFirst) {
    EXPECT_EQ(capturesOf(pattern("{a}-{b}"), "x-y-z"), (Strings{"x", "y-z"}));
    EXPECT_EQ(capturesOf(pattern("{a}-{b}-z/{c}"), "x-y-w-z/1"), (Strings{"x", "y-w", "1"}));
    EXPECT_EQ(capturesOf(pattern("{a}.json"), "x.json.json"), Strings{"x.json"});
    EXPECT_EQ(capturesOf(pattern("{a}aa"), "aaa"), Strings{"a"});
    EXPECT_FALSE(pattern("{a}aa").matches("aa"));
}

TEST(Pattern, doubledBracesAreLiteral) {
    EXPECT_TRUE(pattern("a{{b}}").matches("a{b}"));
    EXPECT_TRUE(pattern("a{{b}}").isLiteral());
}

TEST(Pattern, errorsSayWhere) {
    const auto offsetOf = [](std::string_view text) {
        Pattern::Error error;
        EXPECT_FALSE(Pattern::parse(text, '/', &error)) << text;
        EXPECT_FALSE(error.message.empty());
        EXPECT_FALSE(error.hint.empty());
        return error.offset;
    };
    EXPECT_EQ(offsetOf(""), 0u);
    EXPECT_EQ(offsetOf("a/{x"), 2u);
    EXPECT_EQ(offsetOf("a}b"), 1u);
    EXPECT_EQ(offsetOf("{}"), 1u);
    EXPECT_EQ(offsetOf("{1x}"), 1u);
    EXPECT_EQ(offsetOf("{x}/{x}"), 5u);
    EXPECT_EQ(offsetOf("{x**}/a"), 5u);
    EXPECT_EQ(offsetOf("{x**}{y}"), 5u);
    EXPECT_EQ(offsetOf("{x}{y}"), 3u);
    for (const char* const word : {"a/{true}", "a/{false}", "a/{null**}", "a/{in}"})
        EXPECT_EQ(offsetOf(word), 3u) << word;
}

TEST(Pattern, errorMayBeIgnored) {
    EXPECT_FALSE(Pattern::parse("{", '/', nullptr));
}

TEST(Pattern, overlapsWhereSomeTextMatchesBoth) {
    EXPECT_TRUE(pattern("orders/{x}").overlaps(pattern("{y}/eu")));
    EXPECT_TRUE(pattern("orders/{x}").overlaps(pattern("orders/eu")));
    EXPECT_TRUE(pattern("a{x}").overlaps(pattern("{y}b")));
    EXPECT_TRUE(pattern("{x**}").overlaps(pattern("a/{b}/c")));
    EXPECT_FALSE(pattern("orders/{x}").overlaps(pattern("prices/{x}")));
    EXPECT_FALSE(pattern("orders/{x}").overlaps(pattern("orders/{x}/{y}")));
    EXPECT_FALSE(pattern("{x}/a").overlaps(pattern("{x}/b")));
    EXPECT_FALSE(pattern("orders/{x}").overlaps(pattern("orders/")));
}

TEST(Pattern, coversWhatItMatchesWhole) {
    EXPECT_TRUE(pattern("orders").covers(pattern("orders")));
    EXPECT_FALSE(pattern("orders").covers(pattern("{x}")));
    EXPECT_TRUE(pattern("orders/{x}").covers(pattern("orders/eu")));
    EXPECT_TRUE(pattern("orders/{x}").covers(pattern("orders/{region}")));
    EXPECT_FALSE(pattern("orders/{x}").covers(pattern("orders/{x**}")));
    EXPECT_FALSE(pattern("orders/{x}").covers(pattern("orders/{a}-{b}")));
    EXPECT_TRUE(pattern("orders/{x**}").covers(pattern("orders/{a}/{b}")));
    EXPECT_TRUE(pattern("orders/{x**}").covers(pattern("orders/eu-{b}")));
    EXPECT_FALSE(pattern("orders/{x**}").covers(pattern("order{b}")));
    EXPECT_TRUE(pattern("{x**}").covers(pattern("{a}")));
    EXPECT_FALSE(pattern("{a}/{x**}").covers(pattern("b/{x}/c")));
}

TEST(Pattern, overlapsAShapeWhoseCapturesMayBeEmptyOrHoldSeparators) {
    const std::vector<Pattern::Part> shape{
        {false, false, "k/"}, {true, true, ""}, {false, false, "/x"}};
    EXPECT_TRUE(pattern("k/a/b/x").overlapsShape(shape));
    EXPECT_TRUE(pattern("k//x").overlapsShape(shape));
    EXPECT_TRUE(pattern("k/{a}/x").overlapsShape(shape));
    EXPECT_FALSE(pattern("k/{a}/y").overlapsShape(shape));
}

/// Matching by trying every end of every capture.
bool slowMatch(const std::vector<Pattern::Part>& parts, std::size_t part, std::string_view rest) {
    if (part == parts.size()) return rest.empty();
    const Pattern::Part& p = parts[part];
    if (!p.isCapture)
        return rest.starts_with(p.text) && slowMatch(parts, part + 1, rest.substr(p.text.size()));
    for (std::size_t length = 1; length <= rest.size(); ++length) {
        if (!p.takesRest && rest[length - 1] == '/') return false;
        if (slowMatch(parts, part + 1, rest.substr(length))) return true;
    }
    return false;
}

std::string randomText(std::mt19937& random, std::string_view alphabet, std::size_t longest) {
    std::string text;
    for (std::size_t n = random() % (longest + 1); n > 0; --n)
        text += alphabet[random() % alphabet.size()];
    return text;
}

TEST(Pattern, matchesWhatATryOfEveryCutMatches) {
    std::mt19937 random{1};
    int matched = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::string text;
        for (std::size_t i = 0, n = 1 + random() % 3; i < n; ++i)
            text += randomText(random, "ab/", 2) + "{x" + std::to_string(i) + "}";
        text += randomText(random, "ab/", 2);
        const auto parsed = Pattern::parse(text, '/', nullptr);
        if (!parsed) continue;
        const std::string subject = randomText(random, "ab/", 8);
        ASSERT_EQ(parsed->matches(subject), slowMatch(parsed->parts(), 0, subject))
            << text << " on " << subject;
        matched += parsed->matches(subject) ? 1 : 0;
    }
    EXPECT_GT(matched, 1'000);
}

TEST(Pattern, overlapNeverErrsTowardsFalse) {
    std::mt19937 random{2};
    for (int round = 0; round < 100'000; ++round) {
        const auto a = Pattern::parse(
            randomText(random, "ab/", 2) + "{x}" + randomText(random, "ab/", 2), '/', nullptr);
        const auto b = Pattern::parse(
            randomText(random, "ab/", 1) + "{x}" + randomText(random, "ab/", 1) + "{y**}", '/',
            nullptr);
        const std::string subject = randomText(random, "ab/", 6);
        if (!a || !b || !a->matches(subject) || !b->matches(subject)) continue;
        ASSERT_TRUE(a->overlaps(*b) && b->overlaps(*a)) << a->text() << " and " << b->text();
    }
}

}  // namespace
}  // namespace sluice
