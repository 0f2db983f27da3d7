#include <limits>

#include <gtest/gtest.h>

#include "graphite/CarbonLines.h"

namespace sluice {
namespace {

TEST(CarbonLines, areWhatCarbonReads) {
    CarbonLines lines{1'700'000'000};
    lines.add("sluice.a", 3);
    lines.add("sluice.b", 0.25);
    lines.add("sluice.c", 1e12);
    lines.add("sluice.d", std::numeric_limits<double>::infinity());
    lines.add("sluice.e", std::numeric_limits<double>::quiet_NaN());
    lines.add("sluice.f", -7);
    EXPECT_EQ(lines.text(),
              "sluice.a 3 1700000000\nsluice.b 0.25 1700000000\n"
              "sluice.c 1000000000000 1700000000\nsluice.f -7 1700000000\n");
}

TEST(CarbonLines, namesCannotBecomeAnythingElse) {
    EXPECT_EQ(carbonPath("orders/eu"), "orders.eu");
    EXPECT_EQ(carbonPath("news:sport.today"), "news:sport.today");
    EXPECT_EQ(carbonPath("../../etc"), "_._._._._._.etc");
    EXPECT_EQ(carbonPath("a//b/"), "a._.b._");
    EXPECT_EQ(carbonPath("a 7 1\nb {x*}"), "a_7_1_b__x__");
    EXPECT_EQ(carbonPath("caf\xc3\xa9"), "caf__");
    EXPECT_EQ(carbonPath(""), "_");
    EXPECT_EQ(carbonWord("10.0.0.7"), "10_0_0_7");
    EXPECT_EQ(carbonWord(""), "_");
}

}  // namespace
}  // namespace sluice
