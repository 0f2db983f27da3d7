#include <cmath>

#include <gtest/gtest.h>

#include "LatencyHistogram.h"

namespace sluice::bench {
namespace {

TEST(LatencyHistogram, isEmptyAtFirst) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.quantileUs(0.99), 0);
}

TEST(LatencyHistogram, answersExactlyForSmallValues) {
    LatencyHistogram histogram;
    for (std::int64_t us = 1; us <= 100; ++us) histogram.add(us);
    EXPECT_EQ(histogram.quantileUs(0.5), 50);
    EXPECT_EQ(histogram.quantileUs(0.99), 99);
    EXPECT_EQ(histogram.quantileUs(1), 100);
}

TEST(LatencyHistogram, isAtMostOneIn128AboveTheTruth) {
    for (std::int64_t us = 1; us < (std::int64_t{1} << 38); us = us * 5 / 3 + 1) {
        LatencyHistogram histogram;
        histogram.add(us);
        histogram.add(us * 3);  // so that the maximum does not bound the answer
        const std::int64_t answer = histogram.quantileUs(0.5);
        EXPECT_GE(answer, us);
        EXPECT_LE(static_cast<double>(answer), static_cast<double>(us) * (1 + 1.0 / 128));
    }
}

TEST(LatencyHistogram, clampsWhatItCannotHold) {
    LatencyHistogram histogram;
    histogram.add(-5);
    EXPECT_EQ(histogram.maxUs(), 0);
    histogram.add(INT64_MAX);
    EXPECT_EQ(histogram.maxUs(), (std::int64_t{1} << 40) - 1);
}

}  // namespace
}  // namespace sluice::bench
