#include <deque>

#include <gtest/gtest.h>

#include "FilterSet.h"
#include "base/Pattern.h"
#include "input/PatternForms.h"

namespace sluice::mqtt {
namespace {

/// The set for patterns as `from` has them.
FilterSet setOf(const std::vector<std::string>& patterns) {
    std::deque<PatternForms> forms;
    std::vector<plugin::Pattern> views;
    for (const std::string& text : patterns) {
        sluice::Pattern::Error error;
        const auto pattern = sluice::Pattern::parse(text, '/', &error);
        const sluice_pattern form = forms.emplace_back(*pattern, 0).view();
        views.push_back({form.is_literal != 0, plugin::view(form.text), plugin::view(form.literal),
                         plugin::view(form.prefix), plugin::view(form.regex),
                         plugin::view(form.glob), plugin::view(form.filter), true});
    }
    return FilterSet(views);
}

/// The filters, those that overlap with a star.
std::string textOf(const FilterSet& set) {
    std::string text;
    for (const Filter& filter : set.filters())
        text += (text.empty() ? "" : " ") + filter.text + (filter.overlaps ? "*" : "");
    return text;
}

TEST(MqttFilterSet, hasEachFilterOnce) {
    EXPECT_EQ(textOf(setOf({"b", "a", "b", "s/{x}", "s/{y}"})), "a b s/+");
}

TEST(MqttFilterSet, leavesOutWhatIsCovered) {
    EXPECT_EQ(textOf(setOf({"a/{r**}", "a/b/c", "a/{x}", "b"})), "a/# b");
    EXPECT_EQ(textOf(setOf({"{all**}", "a", "$SYS/up"})), "# $SYS/up");
}

TEST(MqttFilterSet, marksWhatOverlaps) {
    const FilterSet set = setOf({"a/{x}/c", "a/b/{y}", "z/{x}"});
    EXPECT_EQ(textOf(set), "a/+/c* a/b/+* z/+");
    EXPECT_TRUE(set.hasOverlaps());
    EXPECT_FALSE(setOf({"a/{x}", "b/{x}"}).hasOverlaps());
}

TEST(MqttFilterSet, comparesNoMoreThanItSays) {
    std::vector<std::string> many;
    for (std::size_t i = 0; i <= FilterSet::kComparedMax; ++i)
        many.push_back(std::to_string(i) + "/{x}");
    EXPECT_TRUE(setOf(many).hasOverlaps());
    many.pop_back();
    EXPECT_FALSE(setOf(many).hasOverlaps());
}

TEST(MqttFilterSet, namesWhatIsNoTopic) {
    for (const char* pattern : {"sensors/#", "+/temp", "a+b"}) {
        const FilterSet set = setOf({pattern, "t"});
        EXPECT_NE(set.problem().find(pattern), std::string::npos) << set.problem();
        EXPECT_EQ(textOf(set), "t");
    }
    EXPECT_EQ(setOf({"t"}).problem(), "");
}

TEST(MqttFilterSet, takesNoPartOfWhatOthersShare) {
    const FilterSet set = setOf({"$share/workers/jobs", "t"});
    EXPECT_NE(set.problem().find("shared subscription"), std::string::npos) << set.problem();
    EXPECT_EQ(textOf(set), "t");
}

TEST(MqttFilters, coverAsTheStandardSays) {
    for (const auto& [wide, narrow] : {std::pair{"#", "a/b"},
                                       {"a/#", "a"},
                                       {"a/#", "a/+/c"},
                                       {"+/b", "a/b"},
                                       {"+/+", "a/+"},
                                       {"a//+", "a//b"}})
        EXPECT_TRUE(covers(wide, narrow)) << wide << " " << narrow;
    for (const auto& [wide, narrow] : {std::pair{"+", "a/b"},
                                       {"+", "#"},
                                       {"a/+", "a/#"},
                                       {"#", "$SYS/x"},
                                       {"+/x", "$SYS/x"},
                                       {"a/b", "a/+"}})
        EXPECT_FALSE(covers(wide, narrow)) << wide << " " << narrow;
}

TEST(MqttFilters, overlapAsTheStandardSays) {
    for (const auto& [a, b] :
         {std::pair{"a/+", "+/b"}, {"a/#", "a"}, {"a/#", "+"}, {"#", "a/b"}, {"a/+/c", "a/b/#"}})
        EXPECT_TRUE(overlap(a, b) && overlap(b, a)) << a << " " << b;
    for (const auto& [a, b] : {std::pair{"a/+", "b/+"},
                               {"+", "a/b"},
                               {"a/+/c", "a/b/d"},
                               {"#", "$SYS/#"},
                               {"a/b/#", "a/c/+"}})
        EXPECT_FALSE(overlap(a, b) || overlap(b, a)) << a << " " << b;
}

}  // namespace
}  // namespace sluice::mqtt
