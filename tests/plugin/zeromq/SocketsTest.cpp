#include "zeromq/ZeromqFixture.h"

namespace sluice::test {
namespace {

class ZeromqSockets : public ZeromqTest {};

TEST_F(ZeromqSockets, subscribesToAPublisher) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind());
    start({"orders.{region}"});
    EXPECT_EQ(peer.subscription(), "+orders.");
    ASSERT_TRUE(waitRunning());
    peer.send({"orders.eu", "{\"n\":1}"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(message(0).topic, "orders.eu");
    EXPECT_EQ(message(0).payload, "{\"n\":1}");
    EXPECT_FALSE(message(0).hasLane);
    EXPECT_FALSE(message(0).key.has_value());
    EXPECT_NE(healthText().find("connected to tcp://127.0.0.1:"), std::string::npos);
}

TEST_F(ZeromqSockets, listensForPublishers) {
    host_.set("/bind", "tcp://127.0.0.1:*");
    start({"a", "b"});
    const auto endpoints = listening();
    ASSERT_EQ(endpoints.size(), 1u);
    Peer first = publisher(), second = publisher();
    first.socket.connect(endpoints[0]);
    second.socket.connect(endpoints[0]);
    for (Peer* peer : {&first, &second}) {
        EXPECT_EQ(peer->subscription(), "+a");
        EXPECT_EQ(peer->subscription(), "+b");
    }
    first.send({"a", "1"});
    second.send({"b", "2"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(host_.recording().payloads("a", 0), (std::vector{"1"s}));
    EXPECT_EQ(host_.recording().payloads("b", 0), (std::vector{"2"s}));
}

TEST_F(ZeromqSockets, pullsFromWhomItConnectsTo) {
    Peer peer = pusher();
    host_.set("/connect", peer.bind()).set("/socket", "pull");
    start({"jobs"});
    peer.send({"jobs", "1"});
    peer.send({"jobs", "2"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(host_.recording().payloads("jobs", 0), (std::vector{"1"s, "2"s}));
}

TEST_F(ZeromqSockets, pullsFromWhoeverConnects) {
    host_.set("/bind", "tcp://127.0.0.1:*").set("/socket", "pull").set("/topic", "jobs");
    start({"jobs"});
    const auto endpoints = listening();
    Peer first = pusher(), second = pusher();
    first.socket.connect(endpoints.at(0));
    second.socket.connect(endpoints.at(0));
    first.send({"1"});
    second.send({"2"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(host_.recording().payloads("jobs", 0).size(), 2u);
}

TEST_F(ZeromqSockets, speaksOverSocketsOfTheFileSystem) {
    const std::string in = "ipc://" + (folder_.path() / "in").string();
    Peer peer = publisher();
    peer.bind(in);
    host_.set("/connect", in);
    start();
    ASSERT_EQ(peer.subscription(), "+");
    peer.send({"t", "v"});
    ASSERT_TRUE(host_.waitForMessages(1));
    ASSERT_TRUE(waitRunning());
    EXPECT_EQ(healthText(), "connected to " + in);
}

TEST_F(ZeromqSockets, listensAtSocketsOfTheFileSystem) {
    const std::string in = "ipc://" + (folder_.path() / "in").string();
    host_.set("/bind", in).set("/socket", "pull");
    start({"{any**}"});
    ASSERT_EQ(listening(), (std::vector{in}));
    Peer peer = pusher();
    peer.socket.connect(in);
    peer.send({"one"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(message(0).topic, RecordingHost::kInput);  // the default
}

TEST_F(ZeromqSockets, readsSeveralEndpointsAndSaysWhichIsMissing) {
    Peer first = publisher(), second = publisher();
    const std::string one = first.bind(), two = second.bind();
    host_.set("/connect/0", one).set("/connect/1", two);
    host_.set("/connect/2", "ipc://" + (folder_.path() / "later").string());
    start();
    ASSERT_EQ(first.subscription(), "+");
    ASSERT_EQ(second.subscription(), "+");
    ASSERT_TRUE(host_.wait([&](const Recording& recording) {
        return recording.health() == "3 unreachable" &&
               healthText(recording).find("2 of 3") != std::string::npos;
    })) << healthText();
    EXPECT_NE(healthText().find("later"), std::string::npos);
    first.send({"a", "1"});
    second.send({"b", "2"});
    ASSERT_TRUE(host_.waitForMessages(2));
    Peer third = publisher();
    third.bind("ipc://" + (folder_.path() / "later").string());
    ASSERT_EQ(third.subscription(), "+");
    ASSERT_TRUE(waitRunning());
    third.send({"c", "3"});
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(lostCalls(), 0u) << "nothing can be missed before the first connection";
}

TEST_F(ZeromqSockets, listensAtSeveralEndpoints) {
    host_.set("/bind/0", "tcp://127.0.0.1:*");
    host_.set("/bind/1", "ipc://" + (folder_.path() / "b").string()).set("/socket", "pull");
    start({"{any**}"});
    const auto endpoints = listening();
    ASSERT_EQ(endpoints.size(), 2u);
    for (const std::string& endpoint : endpoints) {
        Peer peer = pusher();
        peer.socket.connect(endpoint);
        peer.send({"t", endpoint});
        ASSERT_TRUE(host_.wait([&](const Recording& recording) {
            return !recording.messages.empty() && recording.messages.back().payload == endpoint;
        }));
    }
}

TEST_F(ZeromqSockets, subscribesToPrefixesAndLeavesTheRestToTheHost) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind());
    start({"orders", "orders.eu", "stock.{x}.low", "stock.{x}"});
    EXPECT_EQ(peer.subscription(), "+orders");
    EXPECT_EQ(peer.subscription(), "+stock.");
    for (const char* topic : {"other", "ordersX", "stock.a", "order", "orders.eu"})
        peer.send({topic, "v"});
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(message(0).topic, "ordersX");  // the host matches exactly
    EXPECT_EQ(message(1).topic, "stock.a");
    EXPECT_EQ(message(2).topic, "orders.eu");
}

TEST_F(ZeromqSockets, subscribesToWhatIsWantedNowWhileItRuns) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind());
    start({"a", "b"});
    EXPECT_EQ(peer.subscription(), "+a");
    EXPECT_EQ(peer.subscription(), "+b");
    ASSERT_TRUE(plugin_->watch({"b", "c"}));
    EXPECT_EQ(peer.subscription(), "+c");
    EXPECT_EQ(peer.subscription(), "-a");
    for (const char* topic : {"a", "b", "c"}) peer.send({topic, "v"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(message(0).topic, "b");
    EXPECT_EQ(message(1).topic, "c");
}

TEST_F(ZeromqSockets, aTopicThatIsNotOnTheWireIsNotSubscribedTo) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind()).set("/topic", "prices");
    start({"prices"});
    EXPECT_EQ(peer.subscription(), "+");
    peer.send({"{\"a\":1}"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(message(0).topic, "prices");
    EXPECT_EQ(message(0).payload, "{\"a\":1}");
}

TEST_F(ZeromqSockets, isSilentWithoutAMapping) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind());
    start({});
    ASSERT_TRUE(waitRunning());
    ASSERT_TRUE(plugin_->watch({"now"}));
    EXPECT_EQ(peer.subscription(), "+now");  // the first that it hears
}

}  // namespace
}  // namespace sluice::test
