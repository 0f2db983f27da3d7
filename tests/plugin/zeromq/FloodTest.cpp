#include <algorithm>
#include <filesystem>

#include "support/ChildProcess.h"
#include "zeromq/ZeromqFixture.h"

namespace sluice::test {
namespace {

class ZeromqFlood : public ZeromqTest {
  protected:
    /// A process that sends as fast as it can; returns where.
    std::string flood(const std::vector<std::string>& options = {}) {
        const std::string endpoint = "ipc://" + (folder_.path() / "flood").string();
        std::vector<std::string> command{SLUICE_TEST_ZEROMQ_PUBLISHER, endpoint, "--push"};
        command.insert(command.end(), options.begin(), options.end());
        child_.start(command);
        child_.waitForLog("at ");
        return endpoint;
    }
    ChildProcess child_;
};

TEST_F(ZeromqFlood, tenThousandTopicsComeAsTheyWereSent) {
    constexpr std::size_t kTopics = 10'000;
    host_.set("/connect", flood({"--topics", std::to_string(kTopics), "--count", "20000"}));
    host_.set("/socket", "pull");
    start();
    ASSERT_TRUE(host_.waitForMessages(2 * kTopics));
    const auto messages = host_.recording().messages;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        ASSERT_EQ(messages[i].topic, "tick." + std::to_string(i % kTopics));
        ASSERT_EQ(messages[i].payload, "{\"seq\":" + std::to_string(i) + "}");
    }
}

TEST_F(ZeromqFlood, comesInBatches) {
    host_.set("/connect", flood({"--count", "20000"})).set("/socket", "pull");
    start();
    ASSERT_TRUE(host_.waitForMessages(20'000));
    EXPECT_LT(host_.recording().of(Kind::Push).size(), 5'000u);
}

TEST_F(ZeromqFlood, stopsInTheMiddleOfIt) {
    host_.set("/connect", flood()).set("/socket", "pull");
    start();
    ASSERT_TRUE(host_.waitForMessages(20'000));
    EXPECT_LT(plugin_->stop(), PluginInstance::kStopDeadline);
    host_.seal();
    plugin_.reset();
    EXPECT_EQ(host_.callsAfterSeal(), 0u);
}

TEST_F(ZeromqFlood, endsByItselfWhenTheHostIsClosing) {
    host_.set("/connect", flood()).set("/socket", "pull");
    start();
    ASSERT_TRUE(host_.waitForMessages(1'000));
    host_.startClosing();
    EXPECT_LT(plugin_->stop(), PluginInstance::kStopDeadline);
}

TEST_F(ZeromqFlood, atOneEndpointDoesNotSilenceTheOther) {
    Peer quiet = pusher();
    host_.set("/connect/0", flood()).set("/connect/1", quiet.bind()).set("/socket", "pull");
    start();
    ASSERT_TRUE(host_.waitForMessages(1'000));
    quiet.send({"quiet", "v"});
    // Looking through the messages is slow: only the newest can be it.
    EXPECT_TRUE(host_.wait([seen = std::size_t{0}](const Recording& recording) mutable {
        const auto from = recording.messages.begin() + static_cast<std::ptrdiff_t>(seen);
        seen = recording.messages.size();
        return std::any_of(from, recording.messages.end(),
                           [](const RecordedMessage& message) { return message.topic == "quiet"; });
    }));
}

TEST_F(ZeromqFlood, theHighWaterMarkBoundsWhatPilesUp) {
    constexpr std::size_t kBytes = 64 << 10, kMostMessages = 1'500;
    Peer peer = pusher();
    peer.socket.set(zmq::sockopt::sndhwm, 10);
    host_.set("/connect", peer.bind()).set("/socket", "pull").set("/high_water_mark", "10");
    start();
    ASSERT_TRUE(waitRunning());
    host_.holdPushes();
    const std::string payload(kBytes, 'x');
    std::size_t sent = 0;
    peer.socket.set(zmq::sockopt::sndtimeo, 500);
    while (sent <= kMostMessages && peer.socket.send(zmq::buffer(payload))) ++sent;
    EXPECT_LE(sent, kMostMessages) << "nothing holds the sender back";
    host_.releasePushes();
    EXPECT_TRUE(host_.waitForMessages(sent)) << "a PUSH socket drops nothing";
}

TEST_F(ZeromqFlood, aMessageMayBeHuge) {
    Peer peer = pusher();
    host_.set("/connect", peer.bind()).set("/socket", "pull");
    start();
    std::string payload(std::size_t{16} << 20, 'x');
    for (std::size_t i = 0; i < payload.size(); i += 4'099) payload[i] = static_cast<char>(i);
    peer.send({"t", payload});
    peer.send({"t", "after"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_TRUE(message(0).payload == payload);
}

}  // namespace
}  // namespace sluice::test
