#include <string>

#include <gtest/gtest.h>

#include "journal/Crc32c.h"

namespace sluice {
namespace {

TEST(Crc32c, isThatOfTheStandard) {
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
    EXPECT_EQ(crc32c(""), 0u);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720 B.4
}

TEST(Crc32c, isTheSameWithoutTheInstruction) {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(crc32c(text), crc32cPortable(text)) << i;
        text += static_cast<char>(i * 7);
    }
}

}  // namespace
}  // namespace sluice
