#include <gtest/gtest.h>

#include "Names.h"
#include "ServerUrl.h"

namespace sluice::redis {
namespace {

StreamName name(const std::string& text) {
    std::string error;
    auto parsed = StreamName::parse(text, error);
    EXPECT_TRUE(parsed) << text << " " << error;
    return *parsed;
}

TEST(RedisNames, aGlobTakesWhatRedisSays) {
    EXPECT_TRUE(globTakes("a", "a"));
    EXPECT_FALSE(globTakes("a", "ab"));
    EXPECT_FALSE(globTakes("a", ""));
    EXPECT_TRUE(globTakes("*", ""));
    EXPECT_TRUE(globTakes("a*", "a"));
    EXPECT_TRUE(globTakes("a*c*e", "abcde"));
    EXPECT_TRUE(globTakes("a*c*e", "accede"));
    EXPECT_FALSE(globTakes("a*c*e", "abde"));
    EXPECT_TRUE(globTakes(R"(a\*b)", "a*b"));
    EXPECT_FALSE(globTakes(R"(a\*b)", "axb"));
    EXPECT_TRUE(globTakes(R"(\[x\]*)", "[x]y"));
    EXPECT_TRUE(globTakes("*aab", "aaaab"));
}

TEST(RedisNames, aStreamNameIsAKeyOrAPattern) {
    EXPECT_TRUE(name("orders").takes("orders"));
    EXPECT_FALSE(name("orders").takes("orders:eu"));
    EXPECT_TRUE(name("orders:{r}").takes("orders:eu"));
    EXPECT_FALSE(name("orders:{r}").takes("orders:"));
    EXPECT_FALSE(name("orders:{r}").takes("orders:eu:old"));
    EXPECT_TRUE(name("orders:{r**}").takes("orders:eu:old"));
    EXPECT_TRUE(name("{{x}}").takes("{x}"));
    EXPECT_TRUE(name("a.b").takes("a.b"));
    EXPECT_TRUE(name("a.{b}").takes("a.b"));
    EXPECT_FALSE(name("a.{b}").takes("axb"));
    EXPECT_TRUE(name("{a}-{b}:x").takes("1-2:x"));
}

TEST(RedisNames, whatIsNoPatternIsRefused) {
    for (const char* text :
         {"", "{", "}", "a{b", "a}b", "{a}{b}", "{}", "{1a}", "{a**}b", "{a b}"}) {
        std::string error;
        EXPECT_FALSE(StreamName::parse(text, error)) << text;
        EXPECT_FALSE(error.empty());
    }
}

TEST(RedisNames, aUrlIsTakenApart) {
    UrlError error;
    const auto whole = parseServerUrl("rediss://us%65r:p%40ss%3A@host.example:6380/7", error);
    ASSERT_TRUE(whole) << error.text;
    EXPECT_TRUE(whole->usesTls);
    EXPECT_EQ(whole->username, "user");
    EXPECT_EQ(whole->password, "p@ss:");
    EXPECT_EQ(whole->host, "host.example");
    EXPECT_EQ(whole->port, 6380);
    EXPECT_EQ(whole->database, 7U);
    const auto least = parseServerUrl("redis://h", error);
    ASSERT_TRUE(least);
    EXPECT_FALSE(least->usesTls || least->username || least->password || least->port ||
                 least->database);
    const auto six = parseServerUrl("redis://:pw@[::1]:7000/", error);
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->port, 7000);
    EXPECT_EQ(six->username, std::nullopt);
    EXPECT_EQ(six->password, "pw");
    EXPECT_EQ(parseServerUrl("redis://[::1]", error)->host, "::1");
}

TEST(RedisNames, whatIsNoUrlIsRefusedWithoutShowingIt) {
    for (const char* text :
         {"", "localhost:6379", "http://hush-hush", "redis://", "redis://:6379", "redis://h:0",
          "redis://h:99999", "redis://h:port", "redis://h/x", "redis://h/1/2", "redis://h?db=1",
          "redis://u:hush-hush%zz@h", "redis://[::1", "redis://[]", "redis://[::1]x", "redis://h h",
          "redis://h:6379:1:"}) {
        UrlError error;
        EXPECT_FALSE(parseServerUrl(text, error)) << text;
        EXPECT_FALSE(error.text.empty() || error.hint.empty());
        EXPECT_EQ((error.text + error.hint).find("hush"), std::string::npos);
    }
}

}  // namespace
}  // namespace sluice::redis
