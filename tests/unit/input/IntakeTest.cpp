#include <random>

#include <gtest/gtest.h>

#include "ManualClock.h"
#include "event/EventId.h"
#include "input/CText.h"
#include "input/Intake.h"

namespace sluice {
namespace {

std::shared_ptr<const MappingTable> ordersAndKeys() {
    MappingOptions options;
    options.payloadBytesMax = 1'000;
    options.rules.push_back({"in", "orders.{r}", "orders/{r}", "order", "", {}});
    options.rules.push_back({"in", "orders.eu", "keys/{key}", "", "", {}});
    const std::vector<MappingInput> inputs{{"in", '.'}};
    std::vector<MappingError> errors;
    return MappingTable::compile(options, inputs, errors);
}

sluice_message plain(std::string_view topic, std::string_view payload) {
    sluice_message message{};
    message.size = sizeof message;
    message.topic = textOf(topic);
    message.payload = textOf(payload);
    return message;
}

sluice_message at(std::string_view topic, std::uint32_t index, std::uint64_t position,
                  std::string_view payload = "1") {
    sluice_message message = plain(topic, payload);
    message.flags = SLUICE_MESSAGE_HAS_LANE;
    message.lane = {textOf(topic), index, 0};
    message.position = {position, 0};
    return message;
}

sluice_lane_ends ends(std::uint64_t low, std::uint64_t end) {
    return {SLUICE_ENDS_KNOWN, 0, {low, 0}, {end, 0}, {}};
}

sluice_lane_ends startingAt(std::uint64_t start, std::uint64_t end = 100) {
    return {SLUICE_ENDS_KNOWN | SLUICE_ENDS_HAS_START, 0, {0, 0}, {end, 0}, {start, 0}};
}

class IntakeTest : public testing::Test {
  protected:
    std::string push(const std::vector<sluice_message>& messages) {
        return intake.push(messages.data(), messages.size());
    }
    std::string declare(std::string_view family, const std::vector<sluice_lane_ends>& lanes,
                        std::string_view incarnation = "") {
        return intake.lanes(family, 1, "", incarnation, lanes);
    }
    InputCounts counts() const { return intake.counters().counts(); }
    HubSnapshot snapshot() const {
        HubSnapshot snapshot;
        hub.snapshot(snapshot);
        return snapshot;
    }
    /// W of a lane of the family as it is now.
    std::uint64_t next(std::string_view family, std::size_t index = 0) const {
        return hub.next(intake.book()->find(family)->second->lanes[index]->lane).position.first;
    }

    ManualClock clock;
    Hub hub{{}, clock};
    MappingsInForce mappings{ordersAndKeys(), hub};
    std::vector<std::string> answers;
    Intake intake{
        "in", hub, mappings, clock,
        [this](std::string_view family, const SourceEnds::Family& given) {
            answers.push_back(std::string{family} + " " + std::to_string(given.lanes.size()));
        }};
};

TEST_F(IntakeTest, mapsAndAppendsBeforeItReturns) {
    EXPECT_EQ(push({plain("orders.us", "1"), plain("orders.us", "2")}), "");
    EXPECT_EQ(hub.counts().appended, 2u);
    EXPECT_EQ(hub.channels("orders/us", 10).size(), 1u);
    EXPECT_EQ(counts().mapped, 2u);
}

TEST_F(IntakeTest, publishesALongPushInPieces) {
    const std::size_t many = 3 * Intake::kPieceMessages + 1;
    EXPECT_EQ(push(std::vector(many, plain("orders.us", "1"))), "");
    EXPECT_EQ(counts().mapped, many);
    const std::string large(900, 'x');
    EXPECT_EQ(push(std::vector(2 * Intake::kPieceBytes / large.size(), plain("orders.us", large))),
              "");
    EXPECT_EQ(hub.counts().appended, counts().mapped);
}

TEST_F(IntakeTest, refusesMoreMessagesThanThePushMayHave) {
    EXPECT_NE(push(std::vector(Intake::kPushMessagesMax + 1, plain("orders.us", "1"))), "");
    EXPECT_EQ(counts().received, 0u);
}

TEST_F(IntakeTest, refusesWhatBreaksTheContractAsAWhole) {
    declare("orders.us", {startingAt(0)});
    sluice_message shortOne = plain("orders.us", "1");
    shortOne.size = 8;
    EXPECT_NE(push({shortOne}), "");
    sluice_message other = plain("orders.us", "1");
    other.size += 8;
    EXPECT_NE(push({plain("orders.us", "1"), other}), "");
    EXPECT_NE(push({plain("orders.us", "1"), at("orders.us", 1, 0)}), "");
    EXPECT_NE(push({at("orders.eu", 0, 0)}), "");
    sluice_message foreign = at("orders.us", 0, 0);
    foreign.topic = textOf("orders.eu");
    EXPECT_NE(push({foreign}), "");
    sluice_message twoWords = at("orders.us", 0, 0);
    twoWords.position.second = 1;
    EXPECT_NE(push({twoWords}), "");
    sluice_message null = plain("orders.us", "1");
    null.key = {nullptr, 3};
    EXPECT_NE(push({null}), "");
    EXPECT_NE(intake.push(nullptr, 1), "");
    EXPECT_EQ(counts().received, 0u);
    EXPECT_EQ(hub.counts().appended, 0u);
}

TEST_F(IntakeTest, refusesHeadersAndVariablesThatAreNoTexts) {
    const sluice_header header{{nullptr, 7}, textOf("value"), 0, 0};
    sluice_message message = plain("orders.us", "1");
    message.headers = &header;
    message.header_count = 1;
    EXPECT_NE(push({message}), "");
    const sluice_variable variable{textOf("qos"), {nullptr, 1}};
    message = plain("orders.us", "1");
    message.variables = &variable;
    message.variable_count = 1;
    EXPECT_NE(push({message}), "");
    EXPECT_EQ(counts().received, 0u);
}

TEST_F(IntakeTest, takesATimeThatIsNoneForNone) {
    for (const std::int64_t time : {INT64_MIN, INT64_MAX, std::int64_t{253'402'300'800'000}}) {
        sluice_message message = plain("orders.us", "1");
        message.flags = SLUICE_MESSAGE_HAS_TIME;
        message.time_ms = time;
        EXPECT_EQ(push({message}), "");
    }
    EXPECT_EQ(counts().mapped, 3u);
    std::uint64_t delays = 0;
    for (const std::uint64_t bucket : counts().ingest.buckets) delays += bucket;
    EXPECT_EQ(delays, 0u);
}

TEST_F(IntakeTest, takesMessagesThatANewerPluginMadeLonger) {
    struct Longer {
        sluice_message message;
        std::uint64_t more;
    };
    Longer longer[2]{{plain("orders.us", "1"), 7}, {plain("orders.eu", "2"), 7}};
    longer[0].message.size = longer[1].message.size = sizeof(Longer);
    EXPECT_EQ(intake.push(&longer[0].message, 2), "");
    EXPECT_EQ(hub.channels("orders/", 10).size(), 2u);
}

TEST_F(IntakeTest, dropsRedeliveriesAndCountsThem) {
    declare("orders.us", {startingAt(5)});
    push({at("orders.us", 0, 4), at("orders.us", 0, 5), at("orders.us", 0, 5),
          at("orders.us", 0, 7)});
    EXPECT_EQ(counts().redelivered, 2u);
    EXPECT_EQ(counts().mapped, 2u);
    EXPECT_EQ(next("orders.us"), 8u);
}

TEST_F(IntakeTest, movesOnPastMessagesThatYieldNothing) {
    declare("none", {startingAt(5)});
    push({at("none", 0, 9)});
    EXPECT_EQ(counts().unmatched, 1u);
    EXPECT_EQ(next("none"), 10u);
}

TEST_F(IntakeTest, measuresHowLongMessagesTook) {
    sluice_message message = plain("orders.us", "1");
    message.flags = SLUICE_MESSAGE_HAS_TIME;
    message.time_ms = clock.wallMs() - 30;
    push({message});
    message.time_ms = clock.wallMs() + 500;
    push({message});
    const IngestDelays delays = counts().ingest;
    EXPECT_EQ(delays.sumUs, 30'000u);
    EXPECT_EQ(delays.buckets[0], 1u);  // from the future: no delay
    EXPECT_EQ(delays.buckets[5], 1u);  // 25 ms to 50 ms
}

TEST_F(IntakeTest, aFamilyBeginsWhereThePluginSays) {
    EXPECT_EQ(declare("orders.us", {startingAt(5), startingAt(7)}), "");
    EXPECT_EQ(next("orders.us", 1), 7u);
    EXPECT_TRUE(snapshot().gapRecords->empty());
}

TEST_F(IntakeTest, laneBornLaterIsReadFromItsBeginningAndItsHoleIsTold) {
    declare("orders.us", {startingAt(5)});
    declare("orders.us", {ends(0, 9), ends(3, 9)});
    EXPECT_EQ(next("orders.us", 0), 5u);
    EXPECT_EQ(next("orders.us", 1), 3u);
    ASSERT_EQ(snapshot().gapRecords->size(), 1u);
    EXPECT_EQ(snapshot().gapRecords->at(0).to.position.first, 3u);
}

TEST_F(IntakeTest, aNewIncarnationReplacesTheFamily) {
    declare("orders.us", {startingAt(50)}, "a");
    push({at("orders.us", 0, 50)});
    declare("orders.us", {ends(0, 1)}, "b");
    EXPECT_EQ(next("orders.us"), 0u);
    push({at("orders.us", 0, 0)});
    EXPECT_EQ(counts().mapped, 2u);
    EXPECT_EQ(snapshot().resets->size(), 1u);
    const auto lanes = hub.lanes();
    EXPECT_FALSE(lanes->find(familyHash("in", "orders.us", "", "a")));
    EXPECT_TRUE(lanes->find(familyHash("in", "orders.us", "", "b")));
}

TEST_F(IntakeTest, aFamilyThatIsGoneHasNoLanes) {
    declare("orders.us", {startingAt(50)});
    EXPECT_EQ(declare("orders.us", {}), "");
    EXPECT_NE(push({at("orders.us", 0, 50)}), "");
    EXPECT_EQ(answers, (std::vector<std::string>{"orders.us 1", "orders.us 0"}));
}

TEST_F(IntakeTest, lanesNeverGetFewer) {
    declare("orders.us", {startingAt(1), startingAt(1)});
    EXPECT_NE(declare("orders.us", {ends(0, 1)}), "");
    EXPECT_NE(intake.lanes("x", 3, "", "", {}), "");
    EXPECT_NE(intake.lanes("", 1, "", "", {}), "");
}

TEST_F(IntakeTest, onlyTheSourcesOwnWordAnswersAQuery) {
    sluice_lane_ends unknown = startingAt(1);
    unknown.flags = SLUICE_ENDS_HAS_START;
    declare("orders.us", {unknown});
    EXPECT_TRUE(answers.empty());
    declare("orders.us", {ends(0, 9)});
    EXPECT_EQ(answers, std::vector<std::string>{"orders.us 1"});
}

TEST_F(IntakeTest, lostMovesTheLaneAndResetTurnsItBack) {
    declare("orders.us", {startingAt(5)});
    const sluice_lane lane{textOf("orders.us"), 0, 0};
    EXPECT_EQ(intake.lost(lane, {9, 0}, SLUICE_LOST), "");
    EXPECT_EQ(next("orders.us"), 9u);
    EXPECT_EQ(snapshot().gapRecords->size(), 1u);
    EXPECT_EQ(intake.lost(lane, {2, 0}, SLUICE_RESET), "");
    EXPECT_EQ(next("orders.us"), 2u);
    push({at("orders.us", 0, 2)});
    EXPECT_EQ(counts().redelivered, 0u);
    EXPECT_NE(intake.lost(lane, {2, 0}, 7), "");
    EXPECT_NE(intake.lost({textOf("none"), 0, 0}, {2, 0}, SLUICE_LOST), "");
}

TEST_F(IntakeTest, lossInThePlainLaneIsTold) {
    EXPECT_EQ(intake.lost({}, {}, SLUICE_LOST), "");
    EXPECT_EQ(snapshot().gapRecords->size(), 1u);
}

TEST_F(IntakeTest, atMovesPastHolesAndNeverBack) {
    declare("orders.us", {startingAt(5)});
    const sluice_lane lane{textOf("orders.us"), 0, 0};
    EXPECT_EQ(intake.at(lane, {8, 0}), "");
    EXPECT_EQ(intake.at(lane, {6, 0}), "");
    EXPECT_EQ(next("orders.us"), 8u);
    EXPECT_NE(intake.at({textOf("none"), 0, 0}, {1, 0}), "");
}

TEST_F(IntakeTest, knowsHowFarItLagsAndWhenItHasCaughtUp) {
    declare("orders.us", {startingAt(0, 3)});
    EXPECT_EQ(intake.lag(), 3u);
    EXPECT_FALSE(intake.reachedStartEnds());
    push({at("orders.us", 0, 0), at("orders.us", 0, 2)});
    EXPECT_EQ(intake.lag(), 0u);
    EXPECT_TRUE(intake.reachedStartEnds());
    declare("orders.us", {ends(0, 9)});
    EXPECT_EQ(intake.lag(), 6u);
    EXPECT_TRUE(intake.reachedStartEnds());
}

TEST_F(IntakeTest, booksBalanceUnderAMixedLoad) {
    std::mt19937 random{7};
    declare("orders.eu", {startingAt(0), startingAt(0)});
    const std::string tooLarge(2'000, 'x');
    const std::vector<std::string_view> payloads{"1", "\xff", tooLarge, ""};
    std::uint64_t pushed = 0, position = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<sluice_message> messages;
        for (std::size_t n = random() % 20; n > 0; --n) {
            const std::string_view payload = payloads[random() % payloads.size()];
            if (random() % 3 == 0) {
                position += random() % 3;  // the same one again: a redelivery
                messages.push_back(at("orders.eu", random() % 2, position, payload));
            } else {
                messages.push_back(plain(random() % 2 ? "orders.eu" : "nothing", payload));
            }
            if (random() % 4 == 0) messages.back().flags |= SLUICE_MESSAGE_TOMBSTONE;
            if (random() % 2 == 0) messages.back().flags |= SLUICE_MESSAGE_HAS_KEY;
        }
        ASSERT_EQ(push(messages), "");
        pushed += messages.size();
    }
    const InputCounts books = counts();
    EXPECT_EQ(books.received, pushed);
    EXPECT_EQ(books.received, books.mapped + books.filtered + books.unmatched + books.redelivered +
                                  books.rejectedInAll());
    for (const std::uint64_t part : {books.mapped, books.unmatched, books.redelivered})
        EXPECT_GT(part, 100u);
    EXPECT_GT(books.rejected[static_cast<std::size_t>(Rejection::NotUtf8)], 0u);
    EXPECT_GT(books.rejected[static_cast<std::size_t>(Rejection::TooLarge)], 0u);
    const std::vector<std::uint64_t> byRule = mappings.eventsByRule();
    EXPECT_EQ(hub.counts().appended, byRule[0] + byRule[1]);
}

}  // namespace
}  // namespace sluice
