#include <gtest/gtest.h>

#include "input/Input.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

TEST(BackOff, doublesUpToItsBound) {
    const InputLimits limits;
    EXPECT_EQ(backOff(limits, 1, 1), milliseconds{1'000});
    EXPECT_EQ(backOff(limits, 2, 1), milliseconds{2'000});
    EXPECT_EQ(backOff(limits, 6, 1), milliseconds{32'000});
    EXPECT_EQ(backOff(limits, 7, 1), milliseconds{60'000});
    EXPECT_EQ(backOff(limits, 4'000'000'000u, 1), milliseconds{60'000});
}

TEST(BackOff, isHalvedAtMostByChance) {
    const InputLimits limits;
    EXPECT_EQ(backOff(limits, 1, 0), milliseconds{500});
    EXPECT_EQ(backOff(limits, 7, 0.5), milliseconds{45'000});
}

TEST(RateLimit, letsABurstThroughThenSoManyASecond) {
    RateLimit limit{2, 1};
    const RateLimit::Time start = RateLimit::Time{} + std::chrono::hours{1};
    std::uint64_t heldBack = 9;
    EXPECT_TRUE(limit.allow(start, heldBack));
    EXPECT_EQ(heldBack, 0u);
    EXPECT_TRUE(limit.allow(start, heldBack));
    EXPECT_FALSE(limit.allow(start, heldBack));
    EXPECT_FALSE(limit.allow(start, heldBack));
    EXPECT_TRUE(limit.allow(start + std::chrono::seconds{1}, heldBack));
    EXPECT_EQ(heldBack, 2u);
}

}  // namespace
}  // namespace sluice
