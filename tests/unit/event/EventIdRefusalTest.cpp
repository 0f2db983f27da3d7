#include <gtest/gtest.h>

#include "IdText.h"
#include "event/EventId.h"

namespace sluice {
namespace {

bool readsVector(std::string_view hex) {
    return parseEventId(idWithVector(bytesOf(hex))).has_value();
}

TEST(EventIdRefusal, ofTextsThatAreNoIds) {
    for (const std::string_view text : {"", "0", "1", ".", "....", "1.", "1....", "null", "-1",
                                        "1.abcdefgh.0.0", "1.abcdefgh.0.0.", "1.abcdefgh.0.0.586B",
                                        " 1.abcdefgh.0.0.586b", "1.abcdefgh.0.0.586b\n"}) {
        EXPECT_FALSE(parseEventId(text).has_value()) << text;
    }
}

TEST(EventIdRefusal, ofHeadsThatNoWriterWrites) {
    EXPECT_TRUE(parseEventId(checked("1.abcdefgh.0.0")).has_value());
    for (const char* head : {"2.abcdefgh.0.0",
                             "01.abcdefgh.0.0",
                             ".abcdefgh.0.0",
                             "1.abcdefg.0.0",
                             "1.abcdefghi.0.0",
                             "1.Abcdefgh.0.0",
                             "1.abcdefg1.0.0",
                             "1.abcdefg8.0.0",
                             "1.abcdefgh.00.0",
                             "1.abcdefgh.0.01",
                             "1.abcdefgh..0",
                             "1.abcdefgh.0.",
                             "1.abcdefgh.0",
                             "1.abcdefgh.0.0.0",
                             "1.abcdefgh.A.0",
                             "1.abcdefgh.0.F",
                             "1.abcdefgh.-1.0",
                             "1.abcdefgh.0x1.0",
                             "1.abcdefgh.10000000000000000.0",
                             "1.abcdefgh.0.10000000000000000",
                             "1.abcdefgh.~.0",
                             "1.abcdefgh.0~.0",
                             "1.abcdefgh.0.~"}) {
        EXPECT_FALSE(parseEventId(checked(head)).has_value()) << head;
    }
}

TEST(EventIdRefusal, ofNulAnywhere) {
    std::string text = checked("1.abcdefgh.0.0");
    text.insert(4, 1, '\0');
    EXPECT_FALSE(parseEventId(text).has_value());
    EXPECT_FALSE(parseEventId(checked(std::string("1.abcdefgh.0.\0", 14))).has_value());
}

TEST(EventIdRefusal, ofTextsThatAreNoBase64url) {
    const std::string head = "1.abcdefgh.1.2~";
    EXPECT_TRUE(parseEventId(checked(head + "AQIDBAEBBwA")).has_value());
    for (const char* vector : {"AQIDBAEBBwA=", "AQIDBAEBBw+", "AQIDBAEBBw/", "AQIDBAEBBwA AQ", "A",
                               "AQIDBAEBBwB", "AQIDBAEBBwA~", "~", "AQIDBAEBBwA\xc3"}) {
        EXPECT_FALSE(parseEventId(checked(head + vector)).has_value()) << vector;
    }
}

TEST(EventIdRefusal, ofFamiliesThatAreCutOrUnordered) {
    EXPECT_TRUE(readsVector("00000001 01 01 07 00"));
    EXPECT_TRUE(readsVector("00000001 01 01 07 00  00000002 02 01 07 00 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 07"));
    EXPECT_FALSE(readsVector("00000001 01 01"));
    EXPECT_FALSE(readsVector("00000001"));
    EXPECT_FALSE(readsVector("000000"));
    EXPECT_FALSE(readsVector("00000001 02 01 07 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 07 00  00"));
    EXPECT_FALSE(readsVector("00000002 01 01 07 00  00000001 01 01 07 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 07 00  00000001 01 01 07 00"));
}

TEST(EventIdRefusal, ofKindsThatAreNotOneOrTwoWords) {
    EXPECT_FALSE(readsVector("00000001 00 01 07 00"));
    EXPECT_FALSE(readsVector("00000001 03 01 07 00 00 00"));
    EXPECT_FALSE(readsVector("00000001 81 01 07 00"));
}

TEST(EventIdRefusal, ofLaneCountsBeyondTheBytesThatCame) {
    EXPECT_FALSE(readsVector("00000001 01 00 00"));
    EXPECT_FALSE(readsVector("00000001 01 03 07 00 00"));
    EXPECT_FALSE(readsVector("00000001 02 02 07 00 00 00"));
    EXPECT_FALSE(readsVector("00000001 01 ffffffff0f 07 00"));
    EXPECT_FALSE(readsVector("00000001 01 ffffffffffffffffff01 07 00"));
}

TEST(EventIdRefusal, ofPositionsThatOverflow) {
    EXPECT_TRUE(readsVector("00000001 01 02 feffffffffffffffff01 00 01"));
    EXPECT_FALSE(readsVector("00000001 01 02 feffffffffffffffff01 00 02"));
    EXPECT_FALSE(readsVector("00000001 01 02 01 00 ffffffffffffffffff01"));
}

TEST(EventIdRefusal, ofVarintsThatAreLongOrOverflow) {
    EXPECT_FALSE(readsVector("00000001 01 8100 07 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 8700 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 07 8000"));
    EXPECT_FALSE(readsVector("00000001 01 01 ffffffffffffffffff02 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 ffffffffffffffffff81 00 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 ffffffffffffffffffff01 00"));
    EXPECT_FALSE(readsVector("00000001 01 01 07 80"));
}

TEST(EventIdRefusal, ofALowestPositionThatNoLaneHas) {
    EXPECT_FALSE(readsVector("00000001 01 01 07 01"));
    EXPECT_FALSE(readsVector("00000001 01 02 07 01 02"));
    EXPECT_TRUE(readsVector("00000001 01 02 07 01 00"));
}

TEST(EventIdRefusal, ofOrdinalsThatAreNoneOrTooMany) {
    const std::string families = "00000001 01 02 07 00 00  00000002 01 01 07 00 ";
    EXPECT_TRUE(readsVector(families + "00000000 0000 00 01 05  01 00 06"));
    EXPECT_FALSE(readsVector(families + "00000000 0000"));
    EXPECT_FALSE(readsVector(families + "00000000 00"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 01 00"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 01"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00"));
    EXPECT_TRUE(readsVector(families + "00000000 0000 00 01 ffffffff0f"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 01 8080808010"));
    EXPECT_FALSE(readsVector("00000000 0000"));
    EXPECT_FALSE(readsVector("00000000 0000 00 00 01"));
}

TEST(EventIdRefusal, ofOrdinalsOfLanesThatAreNotThereOrOutOfOrder) {
    const std::string families = "00000001 01 02 07 00 00  00000002 01 01 07 00 ";
    EXPECT_FALSE(readsVector(families + "00000000 0000 02 00 05"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 02 05"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 ffffffffffffffffff01 00 05"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 ffffffffffffffffff01 05"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 01 00 06  00 01 05"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 01 05  00 00 05"));
    EXPECT_FALSE(readsVector(families + "00000000 0000 00 01 05  00 01 05"));
}

TEST(EventIdRefusal, ofWhatIsLongerThanAnyId) {
    std::string bytes = bytesOf("00000001 01 e605 07");  // 742 lanes
    bytes.append(742, '\0');
    EXPECT_LE(idWithVector(bytes).size(), kEventIdMax);
    EXPECT_TRUE(parseEventId(idWithVector(bytes)).has_value());
    bytes = bytesOf("00000001 01 ee05 07");  // 750 lanes
    bytes.append(750, '\0');
    EXPECT_GT(idWithVector(bytes).size(), kEventIdMax);
    EXPECT_FALSE(parseEventId(idWithVector(bytes)).has_value());
    EXPECT_FALSE(parseEventId(std::string(1'000'000, 'a')).has_value());
}

}  // namespace
}  // namespace sluice
