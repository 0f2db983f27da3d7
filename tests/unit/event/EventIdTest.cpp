#include <limits>

#include <gtest/gtest.h>

#include "IdText.h"
#include "event/EventId.h"

namespace sluice {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kMostOrdinal = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kNow = 1'764'018'000'000;
constexpr Epoch kEpoch{'k', '2', 'm', 'n', 'p', '4', 'q', 'r'};
constexpr Epoch kOther{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};

/// The texts come from the second model of resume.md, which shares no code with core.
void expectText(const EventId& id, std::string_view text) {
    EXPECT_EQ(textOf(id), text);
    const std::optional<EventId> read = parseEventId(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(*read, id) << text;
}

TEST(EventId, writesShortIdsWithoutTilde) {
    expectText({kOther, 0, 0, std::nullopt, 0}, "1.abcdefgh.0.0.586b");
    expectText({Epoch{'z', '7', 'y', '6', 'x', '5', 'w', '4'}, kMost, kMost, std::nullopt, 0},
               "1.z7y6x5w4.ffffffffffffffff.ffffffffffffffff.2fa0");
    expectText({kNobodysEpoch, 31, kNow, std::nullopt, 0}, "1.aaaaaaaa.1f.19ab7aa9080.740e");
}

TEST(EventId, writesATildeAlsoForAnEmptyCut) {
    expectText({kOther, 10, kNow, Cut{}, 0}, "1.abcdefgh.a.19ab7aa9080~.e78d");
}

TEST(EventId, writesLanesAsDistancesFromTheLowest) {
    expectText({kOther, 1, 2, Cut{{0x01020304, Words::One, {{{7, 0}, 0}}}}, 0},
               "1.abcdefgh.1.2~AQIDBAEBBwA.9d00");
    const Cut cut{{0xfffefdfc,
                   Words::One,
                   {{{1'000, 0}, 0}, {{1'127, 0}, 0}, {{1'128, 0}, 0}, {{0x10'0000, 0}, 0}}}};
    expectText({kEpoch, 0x12ab, kNow, cut, 0},
               "1.k2mnp4qr.12ab.19ab7aa9080~__79_AEE6AcAf4ABmPg_.6732");
}

TEST(EventId, writesLanesThatWereNotReachedAsTheBeginning) {
    const Cut cut{{1, Words::One, {{}, {}, {{300, 0}, 0}}}};
    expectText({kEpoch, 5, 6, cut, 0}, "1.k2mnp4qr.5.6~AAAAAQEDAAAArAI.9d70");
}

TEST(EventId, writesTwoWordPositionsToTheirEnds) {
    const Cut cut{{0x9abc, Words::Two, {{{kNow, kMost}, 0}}}};
    expectText({kEpoch, 0x12ab, kNow, cut, 0},
               "1.k2mnp4qr.12ab.19ab7aa9080~AACavAIBgKGqvaszAP___________wE.afbd");
}

TEST(EventId, writesOneWordPositionsToTheirEnds) {
    const Cut cut{{1, Words::One, {{{kMost, 0}, 0}, {}}}};
    expectText({kEpoch, 5, 6, cut, 0}, "1.k2mnp4qr.5.6~AAAAAQECAP___________wEA.cb74");
}

TEST(EventId, writesOrdinalsWithTheGenerationOfTheirMappings) {
    const Cut cut{{1, Words::One, {{{10, 0}, 1}, {{11, 0}, 0}}},
                  {2, Words::Two, {{{5, 6}, 300}, {{5, 7}, kMostOrdinal}}}};
    expectText({kEpoch, 5, 6, cut, 0xbeef},
               "1.k2mnp4qr.5.6~AAAAAQECCgABAAAAAgICBQAGAAcAAAAAvu8AAAEBAKwCAQH_____Dw.1013");
}

TEST(EventId, leavesTheGenerationOutWhereNoPlaceHasAnOrdinal) {
    const EventId id{kOther, 1, 2, Cut{{0x01020304, Words::One, {{{7, 0}, 0}}}}, 0xbeef};
    EXPECT_EQ(textOf(id), "1.abcdefgh.1.2~AQIDBAEBBwA.9d00");
}

TEST(EventId, appendsBehindWhatIsThere) {
    std::string out = "id: ";
    appendShortId(out, kOther, 0, 0);
    EXPECT_EQ(out, "id: 1.abcdefgh.0.0.586b");
    EXPECT_TRUE(appendFullId(out, kOther, 10, kNow, {}, 0));
    EXPECT_EQ(out, "id: 1.abcdefgh.0.0.586b1.abcdefgh.a.19ab7aa9080~.e78d");
}

TEST(EventId, writesNothingWhereAFullIdWouldBeTooLong) {
    // 20 characters around the vector, 8 bytes before its lanes: 753 bytes are 1,004 characters.
    std::vector<Place> places(745, Place{{1, 0}, 0});
    FamilyCutView family{1, Words::One, places};
    std::string out = "before";
    ASSERT_TRUE(appendFullId(out, kOther, 1, 2, {&family, 1}, 0));
    EXPECT_EQ(out.size() - 6, kEventIdMax);
    EXPECT_TRUE(parseEventId(out.substr(6)).has_value());

    for (const std::size_t lanes : {746U, 768U, 769U, 100'000U}) {
        places.resize(lanes);
        family.places = places;
        out = "before";
        EXPECT_FALSE(appendFullId(out, kOther, 1, 2, {&family, 1}, 0)) << lanes;
        EXPECT_EQ(out, "before");
    }
}

TEST(EventId, writesVectorsOfAnyLengthByThemselves) {
    const std::vector<Place> places(5'000, Place{{1 << 20, 3}, 2});
    const std::vector<FamilyCutView> cut{{7, Words::Two, places}};
    std::string bytes = bytesOf("00000007 02 8827 808040");
    for (std::size_t i = 0; i < places.size(); ++i) bytes += bytesOf("00 03");
    bytes += bytesOf("00000000 0102");
    for (std::size_t i = 0; i < places.size(); ++i) {
        bytes += '\0';
        if (i > 127) bytes += static_cast<char>((i & 127) | 128);
        bytes += static_cast<char>(i > 127 ? i >> 7 : i);
        bytes += '\2';
    }
    std::string out;
    appendVector(out, cut, 0x0102);
    EXPECT_EQ(out, base64Of(bytes));
}

TEST(EventId, takesEpochsFromTheirAlphabetAndNeverNobodys) {
    const Epoch first = randomEpoch();
    EXPECT_NE(first, kNobodysEpoch);
    EXPECT_NE(first, randomEpoch());
    EXPECT_TRUE(parseEventId(textOf({first, 1, 2, std::nullopt, 0})).has_value());
}

TEST(EventId, checksWithCcittFalse) {
    EXPECT_EQ(crc16("123456789"), 0x29b1);  // the check value of the catalogue of CRCs
    EXPECT_EQ(crc16(""), 0xffff);
}

TEST(EventId, namesFamiliesByTheHashOfTheirParts) {
    EXPECT_EQ(familyHash("orders", "shop.orders", "", ""), 0xa6949d62);
    EXPECT_EQ(familyHash("orders", "shop.orders", "cl", ""), 0x8f4d6616);
    EXPECT_EQ(familyHash("orders", "shop.orders", "cl", "inc"), 0xab201efe);
    EXPECT_EQ(familyHash("orders", "shop.orders", "", "inc"), 0x9adc2a50);
}

TEST(EventId, namesMappingsByTheHashOfTheirText) {
    EXPECT_EQ(mappingGeneration("- from: a\n"), 0x83a7);
    EXPECT_EQ(mappingGeneration(""), 0xe3b0);
}

}  // namespace
}  // namespace sluice
