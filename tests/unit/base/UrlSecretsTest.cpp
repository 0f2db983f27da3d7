#include <gtest/gtest.h>

#include "base/UrlSecrets.h"

namespace sluice {
namespace {

TEST(UrlSecrets, areCoveredAndLeaveTheRestInItsPlace) {
    EXPECT_EQ(withUrlsCovered("server: redis://user:hunter2@host:6379/1 # x"),
              "server: redis://user:*******@host:6379/1 # x");
    EXPECT_EQ(withUrlsCovered("redis://:hunter2@host"), "redis://:*******@host");
    EXPECT_EQ(withUrlsCovered("https://token@host/x"), "https://*****@host/x");
    EXPECT_EQ(withUrlsCovered("mqtt://u:\xc3\xa9\xe2\x82\xac@h"), "mqtt://u:**@h");
}

TEST(UrlSecrets, areCoveredInEveryUrlOfAText) {
    EXPECT_EQ(withUrlsCovered("[redis://a:b@c, 'redis://d:e@f'] kafka://g/h"),
              "[redis://a:*@c, 'redis://d:*@f'] kafka://g/h");
    EXPECT_EQ(withUrlsCovered("redis://a:b@c redis://d:e@f"), "redis://a:*@c redis://d:*@f");
}

TEST(UrlSecrets, mayHaveWhatNoUrlMayHave) {
    EXPECT_EQ(withUrlsCovered("\"redis://u:a/b?c#d e, f@g@host\""),
              "\"redis://u:**************@host\"");
    EXPECT_EQ(withUrlsCovered("redis://u:pa ss@host"), "redis://u:*****@host");
    EXPECT_EQ(withUrlsCovered("\"redis://u:it's@host\""), "\"redis://u:****@host\"");
}

TEST(UrlSecrets, areNotWhatAVariableNames) {
    EXPECT_EQ(withUrlsCovered("redis://u:${PASSWORD}@host"), "redis://u:${PASSWORD}@host");
    EXPECT_EQ(withUrlsCovered("redis://u:${P:-x}@host"), "redis://u:*******@host");
    EXPECT_EQ(withUrlsCovered("redis://u:x${PASSWORD}@host"), "redis://u:************@host");
}

TEST(UrlSecrets, areNotThereWithoutAnAt) {
    for (const char* text :
         {"", "://", "redis://host:6379/0", "a: b@c", "redis://h, ask a@b", "\"redis://h\" a@b"})
        EXPECT_EQ(withUrlsCovered(text), text);
}

}  // namespace
}  // namespace sluice
