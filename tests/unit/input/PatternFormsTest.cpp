#include <gtest/gtest.h>
#include <re2/re2.h>

#include "input/PatternForms.h"

namespace sluice {
namespace {

PatternForms forms(std::string_view text, char separator) {
    return PatternForms{*Pattern::parse(text, separator, nullptr)};
}

TEST(PatternForms, regexMatchesWhatThePatternDoes) {
    const RE2 orders{forms("orders.{region}", '.').regex()};
    EXPECT_TRUE(RE2::PartialMatch("orders.eu", orders));
    EXPECT_FALSE(RE2::PartialMatch("ordersxeu", orders));
    EXPECT_FALSE(RE2::PartialMatch("orders.eu.west", orders));
    EXPECT_TRUE(RE2::PartialMatch("a.b.c", forms("a.{rest**}", '.').regex()));
    EXPECT_EQ(forms("a.b", '.').regex(), "^a\\.b$");
}

TEST(PatternForms, globEscapesWhatRedisWouldRead) {
    EXPECT_EQ(forms("a:{x}:b", ':').glob(), "a:*:b");
    EXPECT_EQ(forms("a*[1]:{x**}", ':').glob(), "a\\*\\[1\\]:*");
}

TEST(PatternForms, filterHasWholeLevels) {
    EXPECT_EQ(forms("rooms/{room}/temp", '/').filter(), "rooms/+/temp");
    EXPECT_EQ(forms("rooms/r{n}/temp", '/').filter(), "rooms/+/temp");
    EXPECT_EQ(forms("rooms/{rest**}", '/').filter(), "rooms/#");
    EXPECT_EQ(forms("rooms/r{rest**}", '/').filter(), "rooms/#");
    EXPECT_EQ(forms("{all**}", '/').filter(), "#");
    EXPECT_EQ(forms("a/b", '/').filter(), "a/b");
}

TEST(PatternForms, lendsItsTexts) {
    const PatternForms literal = forms("a{{b", '.');
    const sluice_pattern view = literal.view();
    EXPECT_EQ(view.size, sizeof(sluice_pattern));
    EXPECT_EQ(view.is_literal, 1u);
    EXPECT_EQ(std::string(view.literal.data, view.literal.length), "a{b");
    EXPECT_EQ(forms("a.{x}", '.').view().literal.length, 0u);
    EXPECT_EQ(view.needs & SLUICE_NEEDS_HEADERS, SLUICE_NEEDS_HEADERS);
}

}  // namespace
}  // namespace sluice
