#include <gtest/gtest.h>

#include "settings/Units.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

std::string durationError(std::string_view text) {
    UnitError error;
    return parseDuration(text, error) ? "" : error.message + "; " + error.hint;
}

std::string sizeError(std::string_view text) {
    UnitError error;
    return parseSize(text, error) ? "" : error.message + "; " + error.hint;
}

std::string rateError(std::string_view text) {
    UnitError error;
    return parseRate(text, error) ? "" : error.message + "; " + error.hint;
}

std::string integerError(std::string_view text) {
    UnitError error;
    return parseInteger(text, error) ? "" : error.message + "; " + error.hint;
}

TEST(Units, readDurations) {
    UnitError error;
    EXPECT_EQ(parseDuration("250ms", error), 250ms);
    EXPECT_EQ(parseDuration("20s", error), 20s);
    EXPECT_EQ(parseDuration("2min", error), 2min);
    EXPECT_EQ(parseDuration("1h", error), 1h);
    EXPECT_EQ(parseDuration("0", error), 0ms);
}

TEST(Units, readRates) {
    UnitError error;
    EXPECT_EQ(parseRate("5/s", error), 5u);
    EXPECT_EQ(rateText(5), "5/s");
    EXPECT_EQ(rateError("5"), "the number needs a unit; units are /s, as in 5/s");
    EXPECT_EQ(rateError("5/sec"), "there is no unit '/sec'; write 5/s");
    EXPECT_EQ(rateError("5/min"), "there is no unit '/min'; units are /s, as in 5/s");
}

TEST(Units, readSizes) {
    UnitError error;
    EXPECT_EQ(parseSize("100B", error), 100u);
    EXPECT_EQ(parseSize("64KiB", error), 65'536u);
    EXPECT_EQ(parseSize("8MiB", error), 8u << 20);
    EXPECT_EQ(parseSize("3GiB", error), std::uint64_t{3} << 30);
}

TEST(Units, sayWhatIsMeantByOtherUnits) {
    EXPECT_EQ(durationError("2m"), "there is no unit 'm'; write 2min");
    EXPECT_EQ(durationError("5seconds"), "there is no unit 'seconds'; write 5s");
    EXPECT_EQ(durationError("1d"), "there is no unit 'd'; units are ms, s, min, h, as in 20s");
    EXPECT_EQ(sizeError("8MB"), "there is no unit 'MB'; write 8MiB");
    EXPECT_EQ(sizeError("8k"), "there is no unit 'k'; write 8KiB");
}

TEST(Units, areNeeded) {
    EXPECT_EQ(durationError("20"), "the number needs a unit; units are ms, s, min, h, as in 20s");
    EXPECT_EQ(sizeError("20"), "the number needs a unit; units are B, KiB, MiB, GiB, as in 64KiB");
}

TEST(Units, refuseWhatIsNoWholeNumber) {
    EXPECT_EQ(durationError("1.5s"),
              "the number must be whole; take a smaller unit; units are ms, s, min, h, as in 20s");
    EXPECT_EQ(durationError("2 s"),
              "there is a space before the unit; leave it out; units are ms, s, min, h, as in 20s");
    EXPECT_EQ(durationError("-2s"),
              "this begins with no number; write a number and a unit, as in "
              "20s");
    EXPECT_EQ(durationError(""),
              "this begins with no number; write a number and a unit, as in 20s");
}

TEST(Units, refuseNumbersThatWouldOverflow) {
    EXPECT_EQ(durationError("9223372036854775807h"), "the number is too large; take a smaller one");
    EXPECT_EQ(sizeError("99999999999GiB"), "the number is too large; take a smaller one");
    EXPECT_EQ(integerError("18446744073709551616"),
              "the number is too large; at most 18446744073709551615 can be read");
}

TEST(Units, takeNumbersAsTheyLook) {
    EXPECT_EQ(integerError("0123"), "a number cannot begin with 0: is it octal?; write 123");
    EXPECT_EQ(integerError("00"), "a number cannot begin with 0: is it octal?; write 0");
    EXPECT_EQ(integerError("1_000"), "a number has digits only; write 1000");
    EXPECT_EQ(integerError("10,000"), "a number has digits only; write 10000");
    EXPECT_EQ(integerError("0x10"), "this is no whole number; write digits only, such as 100");
    EXPECT_EQ(integerError("-1"), "the number cannot be negative; write 0 or more");
    EXPECT_EQ(integerError(".inf"), "this is no whole number; write digits only, such as 100");
}

TEST(Units, areWrittenAsTheyAreRead) {
    EXPECT_EQ(durationText(0ms), "0ms");
    EXPECT_EQ(durationText(1500ms), "1500ms");
    EXPECT_EQ(durationText(120s), "2min");
    EXPECT_EQ(sizeText(65'536), "64KiB");
    EXPECT_EQ(sizeText(1'000), "1000B");
}

}  // namespace
}  // namespace sluice
