#include <gtest/gtest.h>

#include "auth/Claims.h"

namespace sluice {
namespace {

TEST(Claims, areAnObjectWithEachKeyOnce) {
    const ClaimsPtr claims = Claims::parse(R"({"sub": "ann", "roles": ["a"], "n": 7})");
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->textAt("sub"), "ann");
    EXPECT_EQ(claims->textAt("n"), "");
    EXPECT_EQ(claims->textAt("absent"), "");
    for (const char* const text : {"", "[]", "7", "null", "{", R"({"a":1,"a":2})",
                                   R"({"a":{"b":1,"b":2}})", "{} {}", "{\"a\":\"\xff\"}"})
        EXPECT_FALSE(Claims::parse(text)) << text;
    EXPECT_FALSE(Claims::parse("{\"a\":\"" + std::string(Claims::kBytesMax, 'a') + "\"}"));
}

TEST(Claims, tellTimesInMilliseconds) {
    const ClaimsPtr claims = Claims::parse(
        R"({"exp": 1700000000, "part": 1.5, "text": "1", "before": -1, "after": 1e12})");
    EXPECT_EQ(claims->timeAt("exp").ms, 1'700'000'000'000);
    EXPECT_EQ(claims->timeAt("part").ms, 1'500);
    EXPECT_FALSE(claims->timeAt("absent").isThere);
    for (const char* const name : {"text", "before", "after"}) {
        EXPECT_TRUE(claims->timeAt(name).isThere) << name;
        EXPECT_FALSE(claims->timeAt(name).ms) << name;
    }
}

}  // namespace
}  // namespace sluice
