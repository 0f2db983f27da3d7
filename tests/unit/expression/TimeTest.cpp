#include <gtest/gtest.h>

#include "Evaluated.h"
#include "expression/Time.h"
#include "expression/TimeZone.h"

namespace sluice::cel {
namespace {

TEST(Time, readsAndWritesRfc3339) {
    EXPECT_EQ(evaluated("timestamp('2009-02-13T23:31:30.25+01:00')"),
              "timestamp('2009-02-13T22:31:30.25Z')");
    EXPECT_EQ(evaluated("timestamp('2024-02-29T00:00:00z')"), "timestamp('2024-02-29T00:00:00Z')");
    for (const char* wrong :
         {"2023-02-29T00:00:00Z", "2009-02-13", "2009-02-13T23:31:30", "2009-02-13 23:31:30Z",
          "2009-13-01T00:00:00Z", "2009-02-13T24:00:00Z", "2009-02-13T23:31:30.Z",
          "2009-02-13T23:31:30+1:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01"})
        EXPECT_FALSE(parseTimestamp(wrong)) << wrong;
}

TEST(Time, readsAndWritesDurations) {
    EXPECT_EQ(evaluated("duration('1h30m') + duration('1.5s') - duration('500ms')"),
              "duration('5401s')");
    EXPECT_EQ(evaluated("[duration('-1.5h'), duration('10us'), duration('1ns'), duration('0')]"),
              "[duration('-5400s'), duration('0.00001s'), duration('0.000000001s'), "
              "duration('0s')]");
    for (const char* wrong : {"", "1", "s", "1h 30m", "1d", "1.5", "--1s", "1.s.", "320000000000s",
                              "9999999999999999999h"})
        EXPECT_FALSE(parseDuration(wrong)) << wrong;
    EXPECT_EQ(textOf(*parseDuration(".5s")), "0.5s");
    EXPECT_EQ(textOf(*parseDuration("1.s")), "1s");
}

TEST(Time, calculates) {
    EXPECT_EQ(evaluated("timestamp('2024-02-28T12:00:00Z') + duration('24h')"),
              "timestamp('2024-02-29T12:00:00Z')");
    EXPECT_EQ(evaluated("duration('24h') + timestamp(0)"), "timestamp('1970-01-02T00:00:00Z')");
    EXPECT_EQ(evaluated("timestamp(10) - timestamp('1970-01-01T00:00:00.5Z')"), "duration('9.5s')");
    EXPECT_EQ(evaluated("timestamp(0) - duration('1ns')"),
              "timestamp('1969-12-31T23:59:59.999999999Z')");
    EXPECT_EQ(evaluated("timestamp('9999-12-31T23:59:59Z') + duration('1s')"),
              "error overflow: timestamp out of range");
    EXPECT_EQ(evaluated("duration('290000h') * 2"), "21: `*` does not take duration and int");
    EXPECT_EQ(evaluated("timestamp(1) < timestamp(2) && duration('1m') > duration('59s')"), "true");
}

TEST(Time, showsCalendarsAndClocks) {
    const std::string time{"timestamp('2009-02-13T23:31:30.123456789Z')"};
    EXPECT_EQ(evaluated("[" + time + ".getFullYear(), " + time + ".getMonth(), " + time +
                        ".getDate(), " + time + ".getDayOfMonth(), " + time + ".getDayOfWeek(), " +
                        time + ".getDayOfYear()]"),
              "[2009, 1, 13, 12, 5, 43]");
    EXPECT_EQ(evaluated("[" + time + ".getHours(), " + time + ".getMinutes(), " + time +
                        ".getSeconds(), " + time + ".getMilliseconds()]"),
              "[23, 31, 30, 123]");
    EXPECT_EQ(evaluated("[" + time + ".getHours('America/New_York'), " + time +
                        ".getHours('+05:45'), " + time + ".getDate('Asia/Kathmandu')]"),
              "[18, 5, 14]");
    EXPECT_EQ(evaluated("duration('3730.5s').getMinutes() * 1000 + "
                        "duration('3730.5s').getMilliseconds()"),
              "62500");
    EXPECT_EQ(evaluated("timestamp(0).getHours(payload.z)", TestMessage{R"({"z": "Mars/Base"})"}),
              "error bad-value: there is no time zone 'Mars/Base'");
    EXPECT_EQ(evaluated("timestamp('0001-01-01T00:00:00Z').getFullYear('-10:00')"), "0");
}

std::int64_t offset(const char* zone, const char* time) {
    return TimeZone::find(zone)->offsetAt(parseTimestamp(time)->seconds);
}

TEST(TimeZones, knowTheirHistory) {
    EXPECT_EQ(offset("Europe/Berlin", "2024-03-31T00:59:59Z"), 3'600);
    EXPECT_EQ(offset("Europe/Berlin", "2024-03-31T01:00:00Z"), 7'200);
    EXPECT_EQ(offset("Europe/Berlin", "2024-10-27T00:59:59Z"), 7'200);
    EXPECT_EQ(offset("Europe/Berlin", "2024-10-27T01:00:00Z"), 3'600);
    EXPECT_EQ(offset("Asia/Kolkata", "2024-01-01T00:00:00Z"), 19'800);
    EXPECT_EQ(offset("America/St_Johns", "2024-07-01T00:00:00Z"), -9'000);
}

/// Beyond the last change of the file its rule counts.
TEST(TimeZones, knowTheFuture) {
    EXPECT_EQ(offset("Europe/Berlin", "2500-07-01T00:00:00Z"), 7'200);
    EXPECT_EQ(offset("Europe/Berlin", "2500-12-01T00:00:00Z"), 3'600);
    EXPECT_EQ(offset("Australia/Sydney", "2500-01-01T00:00:00Z"), 39'600);
    EXPECT_EQ(offset("Australia/Sydney", "2500-07-01T00:00:00Z"), 36'000);
    EXPECT_EQ(offset("America/New_York", "2400-03-12T06:59:59Z"), -18'000);
    EXPECT_EQ(offset("America/New_York", "2400-03-12T07:00:00Z"), -14'400);
    EXPECT_EQ(offset("Asia/Tokyo", "2500-07-01T00:00:00Z"), 32'400);
}

TEST(TimeZones, areFoundByCleanNamesOnly) {
    for (const char* wrong : {"", "Europe", "/etc/passwd", "../../etc/passwd", "Europe/../UTC",
                              "nowhere", "+1:00", "+25:00", "tzdata.zi"})
        EXPECT_FALSE(TimeZone::find(wrong)) << wrong;
    EXPECT_EQ(TimeZone::find("-02:30")->offsetAt(0), -9'000);
    EXPECT_EQ(TimeZone::find("UTC")->offsetAt(0), 0);
}

TEST(TimeZones, refuseBrokenFiles) {
    EXPECT_FALSE(TimeZone::parse(""));
    EXPECT_FALSE(TimeZone::parse("TZif2"));
    std::string header = "TZif2" + std::string(15, '\0') + std::string(24, '\xff');
    EXPECT_FALSE(TimeZone::parse(header));
    EXPECT_FALSE(TimeZone::parse(header + std::string(1'000, '\x01')));
}

}  // namespace
}  // namespace sluice::cel
