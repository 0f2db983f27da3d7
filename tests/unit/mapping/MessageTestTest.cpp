#include <gtest/gtest.h>

#include "mapping/MappingTable.h"
#include "mapping/MessageTest.h"

namespace sluice {
namespace {

/// An expected event whose data are JSON.
ExpectedEvent eventOn(std::string channel, const char* json = nullptr) {
    ExpectedEvent event;
    event.channel = std::move(channel);
    if (json) event.data = ExpectedData{Json::parse(json), std::nullopt};
    event.places = {{"", {"f", 1, 1}}, {"channel", {"f", 1, 2}}, {"data", {"f", 1, 3}}};
    return event;
}

/// Rules that take orders.{region}: one sends what has an amount, one copies it under its name.
class MessageTests : public testing::Test {
  protected:
    MessageTests() {
        MappingRule order;
        order.input = "shop";
        order.from = "orders.{region}";
        order.channel = "orders/{region}";
        order.event = "order";
        order.key = "{payload.id}";
        order.when = "payload.amount > 0";
        order.mark = {"f", 9, 5};
        MappingRule copy = order;
        copy.channel = "copies";
        copy.event.clear();
        copy.when = "payload.copy == true";
        MappingOptions options;
        options.rules = {order, copy};
        std::vector<MappingError> errors;
        table = MappingTable::compile(options, std::vector<MappingInput>{{"shop", '.'}}, errors);
        test.given.input = "shop";
        test.given.topic = "orders.eu";
        test.mark = {"f", 1, 0};
    }

    /// What is told, one a line, behind its column.
    std::string failures(std::optional<std::string> payload) {
        test.given.payload = std::move(payload);
        std::string text;
        for (const TestFailure& failure : runTest(table, test))
            text += std::to_string(failure.mark.column) + " " + failure.message + "\n";
        return text;
    }

    std::shared_ptr<const MappingTable> table;
    MessageTest test;
    const std::string kBoth = R"({"id":"o1","amount":9,"copy":true})";
    const std::string kOne = R"({"id":"o1","amount":9,"copy":false})";
    const std::string kNone = R"({"id":"o1","amount":0,"copy":false})";
};

TEST_F(MessageTests, passWhereAllComesAsExpected) {
    test.events = {eventOn("orders/eu", R"({"copy":true,"amount":9.0,"id":"o1"})"),
                   eventOn("copies")};
    test.events[0].event = "order";
    test.events[0].key = "o1";
    test.events[1].event = "message";
    EXPECT_EQ(failures(kBoth), "");
}

TEST_F(MessageTests, tellWhichPartDiffers) {
    test.events = {eventOn("orders/us", R"({"id":"o2","amount":9,"copy":false})")};
    test.events[0].event = "refund";
    test.events[0].key = "o2";
    EXPECT_EQ(failures(kOne),
              "2 'channel' is 'orders/eu', not 'orders/us'\n"
              "1 'event' is 'order', not 'refund'\n"
              "1 'key' is 'o1', not 'o2'\n"
              "3 data.id is \"o1\", not \"o2\"\n");
}

TEST_F(MessageTests, compareTextByteForByte) {
    test.events = {eventOn("orders/eu")};
    test.events[0].data = ExpectedData{std::nullopt, kOne};
    EXPECT_EQ(failures(kOne), "");
    test.events[0].data = ExpectedData{std::nullopt, " " + kOne};
    EXPECT_EQ(failures(kOne), "3 'data' is '" + kOne + "', not ' " + kOne + "'\n");
}

TEST_F(MessageTests, tellWhatDidNotCome) {
    test.events = {eventOn("orders/eu"), eventOn("copies")};
    EXPECT_NE(failures(kOne).find("1 this event did not come; it gave 1 event: channel "
                                  "'orders/eu', event 'order', key 'o1', data '{\"id\""),
              std::string::npos);
    EXPECT_EQ(failures(kNone),
              "1 this event did not come; it was filtered by the mapping at f:9:5: "
              "payload.amount > 0 is false (payload.amount = 0)\n"
              "1 this event did not come; it was filtered by the mapping at f:9:5: "
              "payload.amount > 0 is false (payload.amount = 0)\n");
}

TEST_F(MessageTests, tellWhatCameBesides) {
    test.events = {eventOn("copies")};
    EXPECT_EQ(failures(kBoth),
              "0 an event came that is not expected: channel 'orders/eu', event 'order', key "
              "'o1', data '" +
                  kBoth + "'\n");
}

TEST_F(MessageTests, doNotTakeARejectionForAFilter) {
    EXPECT_EQ(failures(kNone), "");
    EXPECT_EQ(failures(R"({"id":"o1"})"),
              "0 the message should be filtered, but it was rejected{no-value} by the mapping at "
              "f:9:5: when: payload.amount has no value\n");
}

TEST_F(MessageTests, doNotTakeATopicThatNobodyTakesForAFilter) {
    test.given.topic = "order.eu";
    EXPECT_EQ(failures(kNone),
              "0 the message should be filtered, but no mapping takes topic 'order.eu'; the "
              "nearest one takes 'orders.{region}' (f:9:5)\n");
    test.expects = MessageTest::Expects::Unmatched;
    EXPECT_EQ(failures(kNone), "");
    test.given.topic = "orders.eu";
    EXPECT_EQ(
        failures(kNone),
        "0 a mapping should not take this topic, but it was filtered by the mapping at f:9:5: "
        "payload.amount > 0 is false (payload.amount = 0)\n");
}

TEST_F(MessageTests, expectRejections) {
    test.expects = MessageTest::Expects::Rejected;
    test.rejection = Rejection::NotJson;
    EXPECT_EQ(failures("no JSON"), "");
    EXPECT_EQ(failures(kNone),
              "0 the message should be rejected{not-json}, but it was filtered by the mapping at "
              "f:9:5: payload.amount > 0 is false (payload.amount = 0)\n");
}

TEST_F(MessageTests, tellABoundedNumberOfFailures) {
    test.events = std::vector<ExpectedEvent>(2 * kTestFailuresMax, eventOn("x"));
    test.given.payload = kOne;
    EXPECT_EQ(runTest(table, test).size(), kTestFailuresMax);
}

}  // namespace
}  // namespace sluice
