#include "zeromq/ZeromqFixture.h"

namespace sluice::test {
namespace {

/// What becomes of a message's frames. PUSH sockets: nothing has to be waited for.
class ZeromqFrames : public ZeromqTest {
  protected:
    /// What the plugin makes of a message.
    RecordedMessage sent(const std::vector<std::string>& frames) {
        if (!plugin_) begin();
        peer_->send(frames);
        EXPECT_TRUE(host_.waitForMessages(++count_));
        return message(count_ - 1);
    }
    void begin() {
        peer_.emplace(context_, zmq::socket_type::push);
        host_.set("/connect", peer_->bind()).set("/socket", "pull");
        start();
    }

    std::optional<Peer> peer_;
    std::size_t count_ = 0;
};

using Variables = std::map<std::string, std::string>;

TEST_F(ZeromqFrames, theFirstIsTheTopicTheLastThePayloadAndAllHaveNames) {
    const RecordedMessage two = sent({"t", "payload"});
    EXPECT_EQ(two.topic, "t");
    EXPECT_EQ(two.payload, "payload");
    EXPECT_EQ(two.variables, (Variables{{"frames", "2"}, {"frame0", "t"}, {"frame1", "payload"}}));
    const RecordedMessage four = sent({"t", "a", "", "payload"});
    EXPECT_EQ(four.payload, "payload");
    EXPECT_EQ(four.variables, (Variables{{"frames", "4"},
                                         {"frame0", "t"},
                                         {"frame1", "a"},
                                         {"frame2", ""},
                                         {"frame3", "payload"}}));
}

TEST_F(ZeromqFrames, ofManyTheFirstSixteenHaveNamesAndTheLastIsThePayload) {
    for (const std::size_t count : {15u, 16u, 17u, 18u, 1'000u}) {
        std::vector<std::string> frames;
        for (std::size_t i = 0; i < count; ++i) frames.push_back("f" + std::to_string(i));
        const RecordedMessage got = sent(frames);
        EXPECT_EQ(got.topic, "f0");
        EXPECT_EQ(got.payload, frames.back()) << count;
        EXPECT_EQ(got.variables.at("frames"), std::to_string(count));
        EXPECT_EQ(got.variables.size(), 1 + std::min<std::size_t>(count, 16));
        EXPECT_EQ(got.variables.at("frame14"), "f14");
    }
}

TEST_F(ZeromqFrames, aSingleOneHasTheTopicOfTheOption) {
    host_.set("/topic", "jobs");
    const RecordedMessage got = sent({"payload with spaces"});
    EXPECT_EQ(got.topic, "jobs");
    EXPECT_EQ(got.payload, "payload with spaces");
    EXPECT_EQ(got.variables, (Variables{{"frames", "1"}, {"frame0", "payload with spaces"}}));
    EXPECT_EQ(sent({"other", "v"}).topic, "other");  // more than one: the topic is a frame
}

TEST_F(ZeromqFrames, aSingleOneIsCutAtSplit) {
    host_.set("/split", " ");
    const RecordedMessage got = sent({"weather.berlin 17 degrees"});
    EXPECT_EQ(got.topic, "weather.berlin");
    EXPECT_EQ(got.payload, "17 degrees");
    EXPECT_EQ(sent({" x"}).topic, "");
    const RecordedMessage whole = sent({"heartbeat"});
    EXPECT_EQ(whole.topic, "heartbeat");
    EXPECT_EQ(whole.payload, "");
    EXPECT_EQ(sent({"a b", "v"}).topic, "a b");  // more than one: nothing is cut
}

TEST_F(ZeromqFrames, splitMayBeLong) {
    host_.set("/split", ": ");
    const RecordedMessage got = sent({"a:b: c: d"});
    EXPECT_EQ(got.topic, "a:b");
    EXPECT_EQ(got.payload, "c: d");
}

TEST_F(ZeromqFrames, payloadsAreBytes) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    const RecordedMessage got = sent({"t", bytes});
    EXPECT_EQ(got.payload, bytes);
    EXPECT_EQ(got.variables.at("frame1").substr(0, 10), "0x00010203");
    EXPECT_EQ(got.variables.at("frame1").size(), 2 + 2 * bytes.size());
    EXPECT_EQ(sent({"t", ""}).payload, "");
}

TEST_F(ZeromqFrames, longBinaryFramesHaveNoName) {
    const std::string longest(4'096, '\xff'), longer(4'097, '\xff');
    EXPECT_TRUE(sent({"t", longest}).variables.contains("frame1"));
    const RecordedMessage got = sent({"t", longer});
    EXPECT_FALSE(got.variables.contains("frame1"));
    EXPECT_EQ(got.payload, longer);
    EXPECT_TRUE(sent({"t", std::string(5'000, 'x')}).variables.contains("frame1"));
}

TEST_F(ZeromqFrames, topicsThatAreNoTextAreTheirDigits) {
    EXPECT_EQ(sent({"\xff\x00\x0a"s, "v"}).topic, "0xff000a");
    EXPECT_EQ(sent({"\xed\xa0\x80"s, "v"}).topic, "0xeda080");  // a surrogate
    EXPECT_EQ(sent({"\xc0\xaf"s, "v"}).topic, "0xc0af");        // overlong
    EXPECT_EQ(sent({"\xf4\x90\x80\x80"s, "v"}).topic, "0xf4908080");
    EXPECT_EQ(sent({"gr\xc3\xbc\xc3\x9f"s, "v"}).topic, "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(sent({"\xf0\x9f\x98\x80"s, "v"}).topic, "\xf0\x9f\x98\x80");
    EXPECT_EQ(sent({"seven b\xff"s, "v"}).topic, "0x736576656e2062ff");
    EXPECT_EQ(sent({""s, "v"}).topic, "");
}

TEST_F(ZeromqFrames, longTopicsAreCutBetweenCharacters) {
    EXPECT_EQ(sent({std::string(1'024, 'a'), "v"}).topic, std::string(1'024, 'a'));
    EXPECT_EQ(sent({std::string(5'000, 'a'), "v"}).topic, std::string(1'024, 'a'));
    EXPECT_EQ(sent({std::string(1'023, 'a') + "\xc3\xbc", "v"}).topic, std::string(1'023, 'a'));
    EXPECT_EQ(sent({std::string(5'000, '\xff'), "v"}).topic.size(), 1'024u);
    EXPECT_EQ(sent({std::string(5'000, '\x80'), "v"}).topic.substr(0, 4), "0x80");
}

TEST_F(ZeromqTest, aPatternOfDigitsSubscribesToTheBytes) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind());
    start({"0xff0", "text"});
    EXPECT_EQ(peer.subscription(), "+0xff0");
    EXPECT_EQ(peer.subscription(), "+text");
    EXPECT_EQ(peer.subscription(), "+\xff");
    peer.send({"\xff\x0a"s, "v"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(message(0).topic, "0xff0a");
}

}  // namespace
}  // namespace sluice::test
