#include "zeromq/ZeromqFixture.h"

namespace sluice::test {
namespace {

/// Numbers of the publisher (option `sequence`). PUSH sockets: nothing has to be waited for.
class ZeromqSequence : public ZeromqTest {
  protected:
    void begin(const std::string& format = "decimal", const std::string& frame = "1") {
        host_.set("/connect", peer_.bind()).set("/socket", "pull");
        host_.set("/sequence/frame", frame).set("/sequence/format", format);
        start();
    }
    void send(const std::string& topic, const std::string& number) {
        peer_.send({topic, number, "v"});
        ++sent_;
    }
    /// How many losses were told once all that was sent has come.
    std::size_t losses() {
        EXPECT_TRUE(host_.waitForMessages(sent_));
        return lostCalls();
    }
    Peer peer_ = pusher();
    std::size_t sent_ = 0;
};

TEST_F(ZeromqSequence, inOrderNothingIsLost) {
    begin();
    for (int i = 7; i < 20; ++i) send("t", std::to_string(i));
    EXPECT_EQ(losses(), 0u);
}

TEST_F(ZeromqSequence, aJumpIsALossBetweenTheMessagesAroundIt) {
    begin();
    for (const char* number : {"5", "6", "9", "10"}) send("t", number);
    ASSERT_EQ(losses(), 1u);
    const RecordedCall lost = host_.recording().of(Kind::Lost).front();
    EXPECT_EQ(lost.family, "");  // the plain lane
    EXPECT_EQ(lost.number, SLUICE_LOST);
    EXPECT_EQ(lost.messagesBefore, 2u);
    EXPECT_TRUE(waitForLog("number 9 came where 7 was due: 2 messages are lost (2 lost so far)"));
}

TEST_F(ZeromqSequence, everyJumpIsToldAndTheLogIsNotFlooded) {
    begin();
    for (int i = 0; i < 50; ++i) send("t", std::to_string(2 * i));
    EXPECT_EQ(losses(), 49u);
    EXPECT_EQ(host_.recording().of(Kind::Log).size(), 1u);
}

TEST_F(ZeromqSequence, goingBackMeansThatThePublisherBeganAgain) {
    begin();
    for (const char* number : {"100", "101", "0", "1"}) send("t", number);
    EXPECT_EQ(losses(), 1u);
    EXPECT_TRUE(waitForLog("the publisher began again"));
}

TEST_F(ZeromqSequence, everyTopicIsNumberedOnItsOwn) {
    begin();
    for (const char* number : {"1", "2"}) {
        send("a", number);
        send("b", "1"s + number);
    }
    send("c", "500");
    EXPECT_EQ(losses(), 0u);
    send("b", "14");
    EXPECT_EQ(losses(), 1u);
}

TEST_F(ZeromqSequence, orTheWholeInputIs) {
    host_.set("/sequence/per", "input");
    begin();
    send("a", "1");
    send("b", "2");
    send("c", "3");
    EXPECT_EQ(losses(), 0u);
    send("a", "5");
    EXPECT_EQ(losses(), 1u);
}

TEST_F(ZeromqSequence, readsBinaryNumbersWhichWrapAtTheirWidth) {
    begin("u32le");  // as Bitcoin's node publishes
    send("t", "\xfe\xff\xff\xff"s);
    send("t", "\xff\xff\xff\xff"s);
    send("t", "\x00\x00\x00\x00"s);
    EXPECT_EQ(losses(), 0u);
    send("t", "\x00\x01\x00\x00"s);
    EXPECT_EQ(losses(), 1u);
    EXPECT_TRUE(waitForLog("255 messages are lost"));
}

TEST_F(ZeromqSequence, readsLongNumbersWithTheirFirstByteFirst) {
    begin("u64be");
    send("t", "\x00\x00\x00\x00\x00\x00\x00\xff"s);
    send("t", "\x00\x00\x00\x00\x00\x00\x01\x00"s);
    EXPECT_EQ(losses(), 0u);
    send("t", "\x00\x00\x00\x01\x00\x00\x01\x01"s);
    EXPECT_EQ(losses(), 1u);
    EXPECT_TRUE(waitForLog("4294967296 messages are lost"));
}

TEST_F(ZeromqSequence, orTheirLastByteFirst) {
    begin("u64le");
    send("t", "\xff\x00\x00\x00\x00\x00\x00\x00"s);
    send("t", "\x00\x01\x00\x00\x00\x00\x00\x00"s);
    EXPECT_EQ(losses(), 0u);
    send("t", "\x01\x01\x00\x00\x01\x00\x00\x00"s);
    EXPECT_EQ(losses(), 1u);
}

TEST_F(ZeromqSequence, readsShortNumbersWithTheirFirstByteFirst) {
    begin("u32be");
    send("t", "\x00\x00\x00\xff"s);
    send("t", "\x00\x00\x01\x00"s);
    EXPECT_EQ(losses(), 0u);
    send("t", "\x00\x00\x01\x00\x00"s);  // five bytes are no number
    send("t", "\x00\x00\x01\x01"s);
    EXPECT_EQ(losses(), 0u);
}

TEST_F(ZeromqSequence, aNumberInTheLastFrameIsNotThePayload) {
    begin("decimal", "2");
    peer_.send({"t", "payload", "1"});
    peer_.send({"t", "payload", "more", "2"});  // its frame 2 holds no number
    peer_.send({"t", "1"});                     // it has no frame 2
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(message(0).payload, "payload");
    EXPECT_EQ(message(0).variables.at("frame2"), "1");
    EXPECT_EQ(message(1).payload, "2");
    EXPECT_EQ(message(2).payload, "1");
    EXPECT_EQ(lostCalls(), 0u);
}

TEST_F(ZeromqSequence, topicAndNumberAloneHaveNoPayload) {
    begin();
    peer_.send({"t", "1"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(message(0).topic, "t");
    EXPECT_EQ(message(0).payload, "");
}

TEST_F(ZeromqSequence, whatHoldsNoNumberPassesAndIsToldOnce) {
    begin();
    for (const char* number : {"1", "x", "", "-3", "2"}) send("t", number);
    EXPECT_EQ(losses(), 0u);
    const auto lines = host_.recording().of(Kind::Log);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].text.find("frame 1 holds no number"), std::string::npos) << lines[0].text;
}

}  // namespace
}  // namespace sluice::test
