#include <gtest/gtest.h>

#include "http/Since.h"

namespace sluice {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

TEST(Since, readsDates) {
    EXPECT_EQ(parseSince("1970-01-01T00:00:00Z", kNow), 0);
    EXPECT_EQ(parseSince("2026-11-24T10:00:00Z", kNow), 1'795'514'400'000);
    EXPECT_EQ(parseSince("2026-11-24T10:00:00.25Z", kNow), 1'795'514'400'250);
    EXPECT_EQ(parseSince("2026-11-24t12:30:00.123456+02:30", kNow), 1'795'514'400'123);
    EXPECT_EQ(parseSince("2026-11-24T12:30:00 02:30", kNow), 1'795'514'400'000);
    EXPECT_EQ(parseSince("2026-11-24T05:00:00-05:00", kNow), 1'795'514'400'000);
    EXPECT_EQ(parseSince("2024-02-29T00:00:00Z", kNow), 1'709'164'800'000);
}

TEST(Since, readsMillisecondsAndTimesAgo) {
    EXPECT_EQ(parseSince("1795514400000", kNow), 1'795'514'400'000);
    EXPECT_EQ(parseSince("-250ms", kNow), kNow - 250);
    EXPECT_EQ(parseSince("-20s", kNow), kNow - 20'000);
    EXPECT_EQ(parseSince("-15min", kNow), kNow - 900'000);
    EXPECT_EQ(parseSince("-1h", kNow), kNow - 3'600'000);
    EXPECT_EQ(parseSince("-2d", kNow), kNow - 172'800'000);
    EXPECT_EQ(parseSince("-100000d", kNow), 0);
}

TEST(Since, refusesWhatIsNeither) {
    for (const char* text : {"",
                             "-",
                             "-5",
                             "-5x",
                             "--5s",
                             "-s",
                             "yesterday",
                             "2026-11-24",
                             "2026-11-24T10:00:00",
                             "2026-02-30T10:00:00Z",
                             "2026-13-01T10:00:00Z",
                             "2026-11-24T24:00:00Z",
                             "2026-11-24T10:00:00.Z",
                             "2026-11-24T10:00:00Zx",
                             "2026-11-24T10:00:00+2:00",
                             "+5",
                             "99999999999999999999",
                             "-99999999999999999999s",
                             "-9223372036854775807d",
                             "1e3"})
        EXPECT_FALSE(parseSince(text, kNow)) << text;
}

}  // namespace
}  // namespace sluice
