#include <regex>

#include <gtest/gtest.h>

#include "settings/Ranges.h"
#include "settings/Units.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

bool fits(const std::string& text, const std::string& expression) {
    return std::regex_match(text, std::regex{expression, std::regex::ECMAScript});
}

TEST(Ranges, takeExactlyTheirNumbers) {
    const std::uint64_t bounds[] = {0,  1,   2,   9,   10,  11,  19,   57,
                                    99, 100, 101, 255, 960, 999, 1000, 1234};
    for (const std::uint64_t least : bounds)
        for (const std::uint64_t most : bounds) {
            if (least > most) continue;
            const std::regex expression{integerPattern(least, most), std::regex::ECMAScript};
            for (std::uint64_t i = 0; i < 1300; ++i)
                ASSERT_EQ(std::regex_match(std::to_string(i), expression), i >= least && i <= most)
                    << i << " of " << least << " to " << most;
        }
}

TEST(Ranges, takeNoZeroInFrontAndNoSign) {
    for (const char* text : {"", "00", "01", "-1", "+1", "1.0", "1e3", " 1"})
        EXPECT_FALSE(fits(text, integerPattern(0, 100'000))) << text;
}

TEST(Ranges, takeTheLargestNumber) {
    EXPECT_TRUE(fits("18446744073709551615", integerPattern(0, UINT64_MAX)));
    EXPECT_FALSE(fits("18446744073709551616", integerPattern(0, UINT64_MAX)));
}

TEST(Ranges, takeTheDurationsThatTheReaderTakes) {
    const std::string expression = durationPattern(1s, 1h);
    for (const char* text :
         {"999ms", "1000ms", "3600000ms", "3600001ms", "0s", "1s", "3600s", "3601s", "1min",
          "60min", "61min", "1h", "2h", "0", "1", "1 s", "1m", "1S", "01s"}) {
        UnitError error;
        const auto duration = parseDuration(text, error);
        EXPECT_EQ(fits(text, expression), duration && *duration >= 1s && *duration <= 1h) << text;
    }
}

TEST(Ranges, takeTheSizesThatTheReaderTakes) {
    const std::string expression = sizePattern(1'024, 1'048'576);
    for (const char* text : {"1023B", "1024B", "1048576B", "1048577B", "1KiB", "1024KiB", "1025KiB",
                             "1MiB", "2MiB", "1GiB", "0", "0B", "1KB", "1k", "4096"}) {
        UnitError error;
        const auto bytes = parseSize(text, error);
        EXPECT_EQ(fits(text, expression), bytes && *bytes >= 1'024 && *bytes <= 1'048'576) << text;
    }
}

TEST(Ranges, takeZeroWithoutAUnitWhereItIsAllowed) {
    EXPECT_TRUE(fits("0", durationPattern(0ms, 1h)));
    EXPECT_FALSE(fits("0", durationPattern(1ms, 1h)));
}

}  // namespace
}  // namespace sluice
