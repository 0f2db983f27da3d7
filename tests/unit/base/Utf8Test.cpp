#include <gtest/gtest.h>

#include "base/Utf8.h"

namespace sluice {
namespace {

TEST(Utf8, aBeginningEndsBetweenCharacters) {
    EXPECT_EQ(beginningOf("abc", 5), "abc");
    EXPECT_EQ(beginningOf("abc", 2), "ab");
    EXPECT_EQ(beginningOf("a\xc3\xa4", 2), "a");
    EXPECT_EQ(beginningOf("a\xc3\xa4"
                          "b",
                          3),
              "a\xc3\xa4");
    EXPECT_EQ(beginningOf("\xf0\x9f\x98\x80", 3), "");
    EXPECT_EQ(beginningOf("", 0), "");
}

}  // namespace
}  // namespace sluice
