#include <vector>

#include <gtest/gtest.h>

#include "base/Nearest.h"

namespace sluice {
namespace {

TEST(Nearest, countsSwappedNeighboursAsOneSlip) {
    EXPECT_EQ(editDistance("regoin", "region"), 1u);
    EXPECT_EQ(editDistance("", "abc"), 3u);
    EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
}

TEST(Nearest, offersOnlyNamesThatAreNear) {
    const std::vector<std::string> names{"channels", "inputs", "mappings"};
    EXPECT_EQ(nearest("mapings", names), "mappings");
    EXPECT_EQ(nearest("chanels", names), "channels");
    EXPECT_EQ(nearest("zebra", names), "");
    EXPECT_EQ(didYouMean("input", names), ", did you mean 'inputs'?");
    EXPECT_EQ(didYouMean("zebra", names), "");
}

}  // namespace
}  // namespace sluice
