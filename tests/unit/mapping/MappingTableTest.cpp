#include <gtest/gtest.h>

#include "mapping/MappingTable.h"

namespace sluice {
namespace {

const std::vector<MappingInput> kInputs{{"shop", '.'}, {"house", '/'}};

MappingRule rule(std::string input, std::string from, std::string channel, std::string event = "",
                 std::string key = "") {
    return {std::move(input), std::move(from), std::move(channel),
            std::move(event), std::move(key),  {"a.yaml", 3, 5}};
}

std::shared_ptr<const MappingTable> compile(std::vector<MappingRule> rules) {
    std::vector<MappingError> errors;
    MappingOptions options;
    options.rules = std::move(rules);
    auto table = MappingTable::compile(options, kInputs, errors);
    if (!table) throw std::runtime_error{errors.front().message};
    return table;
}

Pattern channels(std::string_view text) {
    return *Pattern::parse(text, '/', nullptr);
}

TEST(MappingTable, tellsAllErrorsAtOnce) {
    std::vector<MappingError> errors;
    MappingOptions options;
    options.rules = {rule("shopp", "a", "b"), rule("shop", "a.{", "b"), rule("shop", "a", "{key}"),
                     rule("shop", "a.{topic}", "x"), rule("shop", "a", "b", "sluice.at")};
    EXPECT_FALSE(MappingTable::compile(options, kInputs, errors));
    ASSERT_EQ(errors.size(), 5u);
    EXPECT_EQ(errors[0].code, "unknown-input");
    EXPECT_NE(errors[0].message.find("did you mean 'shop'?"), std::string::npos);
    EXPECT_EQ(errors[1].field, "from");
    EXPECT_EQ(errors[1].offset, 2u);
    EXPECT_EQ(errors[2].field, "channel");
    EXPECT_EQ(errors[3].code, "hidden-variable");
    EXPECT_EQ(errors[4].code, "event-name");
    EXPECT_EQ(errors[4].rule, 4u);
    EXPECT_EQ(errors[4].mark.line, 3u);
}

TEST(MappingTable, aCaptureOfTheWholeTopicMayBeNamedTopic) {
    EXPECT_NO_THROW(compile({rule("shop", "{topic**}", "{topic}")}));
}

TEST(MappingTable, generationFollowsTheRulesOnly) {
    const auto table = compile({rule("shop", "orders", "o")});
    MappingRule elsewhere = rule("shop", "orders", "o");
    elsewhere.mark.line = 99;
    EXPECT_EQ(compile({elsewhere})->generation(), table->generation());
    EXPECT_NE(compile({elsewhere})->serial(), table->serial());
    EXPECT_NE(compile({rule("shop", "orders", "p")})->generation(), table->generation());
    EXPECT_NE(compile({rule("house", "orders", "o")})->generation(), table->generation());
    EXPECT_NE(compile({rule("shop", "orders", "o", "e")})->generation(), table->generation());
}

TEST(MappingTable, readsFromWithTheSeparatorOfTheInput) {
    const auto table = compile({rule("shop", "{a}", "x"), rule("house", "{a}", "x")});
    EXPECT_FALSE(table->rules()[0].from.matches("b.c"));
    EXPECT_TRUE(table->rules()[1].from.matches("b.c"));
    EXPECT_FALSE(table->rules()[1].from.matches("b/c"));
}

TEST(MappingTable, knowsBackwardsWhichTopicsMayFeedAChannel) {
    const auto table =
        compile({rule("shop", "orders.{region}", "orders/{region}"),
                 rule("shop", "users", "users/{key}"), rule("shop", "logs.{x**}", "{topic}")});
    EXPECT_TRUE(table->mayFeed("shop", "orders.eu", channels("orders/eu")));
    EXPECT_TRUE(table->mayFeed("shop", "orders.eu", channels("orders/{any}")));
    EXPECT_FALSE(table->mayFeed("shop", "orders.eu", channels("orders/us")));
    EXPECT_FALSE(table->mayFeed("house", "orders.eu", channels("orders/eu")));
    EXPECT_TRUE(table->mayFeed("shop", "users", channels("users/7")));
    EXPECT_TRUE(table->mayFeed("shop", "users", channels("users/")));
    EXPECT_FALSE(table->mayFeed("shop", "users", channels("users/7/more")));
    EXPECT_TRUE(table->mayFeed("shop", "logs.a", channels("logs.a")));
    EXPECT_FALSE(table->mayFeed("shop", "prices", channels("{x**}")));
}

TEST(MappingTable, knowsWhichInputsMayFeedAChannelThroughSomeTopic) {
    const auto table = compile(
        {rule("house", "rooms/{room}/{what}", "rooms/{room}"), rule("house", "door", "{topic}")});
    EXPECT_TRUE(table->mayFeed("house", channels("rooms/kitchen")));
    EXPECT_FALSE(table->mayFeed("house", channels("rooms/kitchen/x")));
    EXPECT_TRUE(table->mayFeed("house", channels("door")));
    EXPECT_FALSE(table->mayFeed("house", channels("window")));
    EXPECT_FALSE(table->mayFeed("shop", channels("door")));
    const std::vector<Pattern> door{*Pattern::parse("door", '/', nullptr)};
    EXPECT_FALSE(table->mayFeed("house", channels("door"), door));
    EXPECT_TRUE(table->mayFeed("house", channels("rooms/kitchen"), door));
}

TEST(MappingTable, givesEachPatternOfAnInputOnce) {
    const auto table = compile({rule("shop", "a", "x"), rule("shop", "a", "y"),
                                rule("shop", "b", "x"), rule("house", "c", "x")});
    ASSERT_EQ(table->patternsOf("shop").size(), 2u);
    EXPECT_EQ(table->patternsOf("shop")[1].text(), "b");
}

TEST(MappingTable, tellsWhichInputsNeedHeaders) {
    const auto table = compile({rule("shop", "a", "x"), rule("house", "b", "x/{headers.tenant}")});
    EXPECT_FALSE(table->readsHeaders("shop"));
    EXPECT_TRUE(table->readsHeaders("house"));
}

TEST(MappingTable, findsTheRuleMostLikeATopic) {
    const auto table = compile({rule("shop", "prices", "x"), rule("shop", "orders.{region}", "y")});
    EXPECT_EQ(table->nearestRule("shop", "order.eu")->from.text(), "orders.{region}");
    EXPECT_EQ(table->nearestRule("house", "order.eu"), nullptr);
}

}  // namespace
}  // namespace sluice
