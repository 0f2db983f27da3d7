#include <gtest/gtest.h>

#include "filter/Filters.h"

// Which filters are taken, and what is said of those that are not.
namespace sluice {
namespace {

using Reason = FilterRefusal::Reason;
using Names = std::vector<std::string>;

HubOptions policies(const std::vector<std::pair<std::string, bool>>& list, bool others) {
    HubOptions options;
    for (const auto& [text, filter] : list)
        options.policies.push_back({*Pattern::parse(text, '/', nullptr), {}, filter});
    options.filter = others;
    return options;
}

FilterRefusal refusal(Filters& filters, std::string_view text, const Names& channels = {"a"}) {
    auto made = filters.obtain(text, channels);
    EXPECT_TRUE(std::holds_alternative<FilterRefusal>(made)) << text;
    return std::holds_alternative<FilterRefusal>(made) ? std::get<FilterRefusal>(made)
                                                       : FilterRefusal{};
}

EventFilterPtr taken(Filters& filters, std::string_view text, const Names& channels = {"a"}) {
    auto made = filters.obtain(text, channels);
    EXPECT_TRUE(std::holds_alternative<EventFilterPtr>(made)) << text;
    return std::holds_alternative<EventFilterPtr>(made) ? std::get<EventFilterPtr>(made) : nullptr;
}

TEST(Filters, areSharedByEqualTexts) {
    Filters filters{{}, policies({}, true)};
    const EventFilterPtr one = taken(filters, "key == 'a'");
    EXPECT_EQ(taken(filters, "key == 'a'"), one);
    EXPECT_NE(taken(filters, "key == 'b'"), one);
    EXPECT_EQ(filters.counts().live, 1u) << "nobody holds the other one";
}

TEST(Filters, areRefusedWhereAChannelDoesNotAllowThem) {
    Filters filters{
        {}, policies({{"open/{x}", true}, {"{x}/mixed", true}, {"shut/{x}", false}}, false)};
    EXPECT_TRUE(taken(filters, "true", {"open/a", "any/mixed"}));
    EXPECT_TRUE(taken(filters, "true", {"open/{region}"})) << "a pattern";
    EXPECT_EQ(refusal(filters, "true", {"open/a", "shut/b"}).reason, Reason::NotAllowed);
    EXPECT_EQ(refusal(filters, "true", {"{x}/a"}).reason, Reason::NotAllowed)
        << "some of what it takes is shut";
    EXPECT_EQ(refusal(filters, "true", {"open/{all**}"}).reason, Reason::NotAllowed)
        << "open/a/b is of the others";
    const FilterRefusal other = refusal(filters, "true", {"else"});
    EXPECT_NE(other.hint.find("channels: { \"else\": { filter: true } }"), std::string::npos)
        << other.hint;
    EXPECT_EQ(filters.counts().notAllowed, 4u);
    filters.setPolicies(policies({}, true));
    EXPECT_TRUE(taken(filters, "true", {"else", "{x**}"}));
}

TEST(Filters, tellWhereAnExpressionIsWrong) {
    Filters filters{{}, policies({}, true)};
    const FilterRefusal typo = refusal(filters, "key == 'ü' && chanel == 'x'");
    EXPECT_EQ(typo.reason, Reason::BadExpression);
    EXPECT_EQ(typo.column, 15u) << "in characters";
    EXPECT_EQ(typo.excerpt, "key == 'ü' && chanel == 'x'\n              ^^^^^^");
    EXPECT_NE(typo.hint.find("channel"), std::string::npos) << typo.hint;
    EXPECT_NE(refusal(filters, "data + '1'").message.find("true or false"), std::string::npos);
    EXPECT_EQ(refusal(filters, "").reason, Reason::BadExpression);
    EXPECT_EQ(refusal(filters, "key ==").column, 7u);
    EXPECT_EQ(filters.counts().badExpression, 4u);
}

TEST(Filters, areBoundInWhatTheyCost) {
    Filters filters{{.costMax = 120}, policies({}, true)};
    EXPECT_TRUE(taken(filters, "key.matches('^a+$')"));
    const FilterRefusal two = refusal(filters, "key.matches('^a+$') && data.matches('b')");
    EXPECT_EQ(two.reason, Reason::TooCostly);
    EXPECT_NE(two.message.find("costs 203, and a filter may cost 120"), std::string::npos)
        << two.message;
    EXPECT_EQ(refusal(filters, "data.a.exists(x, x > 1)").reason, Reason::TooCostly);
    EXPECT_EQ(filters.counts().tooCostly, 2u);
}

TEST(Filters, areBoundInNumber) {
    Filters filters{{.filtersMax = 2}, policies({}, true)};
    const EventFilterPtr one = taken(filters, "key == '1'");
    EventFilterPtr two = taken(filters, "key == '2'");
    EXPECT_EQ(refusal(filters, "key == '3'").reason, Reason::TooMany);
    EXPECT_EQ(taken(filters, "key == '1'"), one) << "equal ones share";
    EXPECT_EQ(filters.counts().tooMany, 1u);
    two.reset();
    EXPECT_TRUE(taken(filters, "key == '3'")) << "there is room again";
}

}  // namespace
}  // namespace sluice
