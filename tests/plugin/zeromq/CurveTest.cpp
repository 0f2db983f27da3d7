#include <thread>

#include <zmq_addon.hpp>

#include "zeromq/ZeromqFixture.h"

namespace sluice::test {
namespace {

struct KeyPair {
    KeyPair() { zmq_curve_keypair(publicKey, secretKey); }
    char publicKey[41], secretKey[41];
};

/// Refuses every client of the sockets of a context: ZeroMQ's RFC 27.
class Refusal {
  public:
    explicit Refusal(zmq::context_t& context) : socket_(context, zmq::socket_type::rep) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::rcvtimeo, 20);
        socket_.bind("inproc://zeromq.zap.01");
        thread_ = std::thread([this] {
            while (!stopping_.load()) answer();
        });
    }
    ~Refusal() {
        stopping_.store(true);
        thread_.join();
    }

  private:
    void answer() {
        zmq::multipart_t request, reply;
        if (!request.recv(socket_)) return;
        reply.addstr("1.0");
        reply.addstr(request[1].to_string());
        for (const char* frame : {"400", "no", "", ""}) reply.addstr(frame);
        reply.send(socket_);
    }
    zmq::socket_t socket_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

class ZeromqCurve : public ZeromqTest {
  protected:
    void secure(Peer& peer) {
        peer.socket.set(zmq::sockopt::curve_server, true);
        peer.socket.set(zmq::sockopt::curve_secretkey, server_.secretKey);
    }
    Peer client(const KeyPair& keys, const std::string& endpoint) {
        Peer peer = pusher();
        peer.socket.set(zmq::sockopt::curve_serverkey, server_.publicKey);
        peer.socket.set(zmq::sockopt::curve_publickey, keys.publicKey);
        peer.socket.set(zmq::sockopt::curve_secretkey, keys.secretKey);
        peer.socket.connect(endpoint);
        return peer;
    }
    void listen() {
        host_.set("/bind", "tcp://127.0.0.1:*").set("/socket", "pull");
        host_.set("/curve/secret_key", server_.secretKey);
        start();
    }
    void TearDown() override {
        ZeromqTest::TearDown();
        for (const auto& call : host_.recording().calls)
            for (const char* secret : {server_.secretKey, client_.secretKey})
                EXPECT_EQ(call.text.find(secret), std::string::npos);
    }
    const KeyPair server_, client_, other_;
};

TEST_F(ZeromqCurve, connectsWithItsKeys) {
    Peer peer = publisher();
    secure(peer);
    host_.set("/connect", peer.bind()).set("/curve/server_key", server_.publicKey);
    host_.set("/curve/public_key", client_.publicKey);
    host_.set("/curve/secret_key", client_.secretKey);
    start();
    ASSERT_EQ(peer.subscription(), "+");
    ASSERT_TRUE(waitRunning());
    peer.send({"t", "v"});
    ASSERT_TRUE(host_.waitForMessages(1));
}

TEST_F(ZeromqCurve, connectsWithAPairOfItsOwnMaking) {
    Peer peer = publisher();
    secure(peer);
    host_.set("/connect", peer.bind()).set("/curve/server_key", server_.publicKey);
    start();
    ASSERT_EQ(peer.subscription(), "+");
    ASSERT_TRUE(waitRunning());
}

TEST_F(ZeromqCurve, anotherServerKeyIsAHandshakeThatFails) {
    Peer peer = publisher();
    secure(peer);
    host_.set("/connect", peer.bind()).set("/curve/server_key", other_.publicKey);
    start();
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "handshake"));
    EXPECT_NE(healthText().find("server_key"), std::string::npos);
    EXPECT_TRUE(host_.recording().messages.empty());
}

TEST_F(ZeromqCurve, aPublisherThatWantsKeysSaysSo) {
    Peer peer = publisher();
    secure(peer);
    host_.set("/connect", peer.bind());
    start();
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "handshake"));
    EXPECT_NE(healthText().find("wants CURVE keys"), std::string::npos) << healthText();
}

TEST_F(ZeromqCurve, aPublisherWithoutKeysIsNotTrusted) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind()).set("/curve/server_key", server_.publicKey);
    start();
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "handshake"));
    EXPECT_NE(healthText().find("no CURVE keys"), std::string::npos) << healthText();
}

TEST_F(ZeromqCurve, aKeyThatIsNotAllowedIsAStateAndTriedAgain) {
    std::optional<Refusal> refusal(context_);
    Peer peer = publisher();
    secure(peer);
    host_.set("/connect", peer.bind()).set("/curve/server_key", server_.publicKey);
    start();
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "authentication"));
    EXPECT_NE(healthText().find("400"), std::string::npos) << healthText();
    refusal.reset();  // from now on everybody may connect
    ASSERT_EQ(peer.subscription(), "+");
    ASSERT_TRUE(waitRunning());
    EXPECT_EQ(lostCalls(), 0u);
}

TEST_F(ZeromqCurve, listensForWhoeverHasItsPublicKey) {
    listen();
    Peer peer = client(other_, listening().at(0));
    peer.send({"t", "v"});
    ASSERT_TRUE(host_.waitForMessages(1));
}

TEST_F(ZeromqCurve, listensForThoseOnTheListOnly) {
    host_.set("/curve/clients/0", KeyPair().publicKey).set("/curve/clients/1", client_.publicKey);
    listen();
    const auto endpoint = listening().at(0);
    Peer stranger = client(other_, endpoint);
    stranger.send({"stranger", "v"});  // it lies in the stranger's socket
    Peer friendly = client(client_, endpoint);
    friendly.send({"t", "v"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_TRUE(waitForLog("refused a peer"));
    friendly.send({"t", "w"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_TRUE(host_.recording().payloads("stranger", 0).empty());
    EXPECT_EQ(host_.recording().health(), "2 running");
}

TEST_F(ZeromqCurve, listensForNobodyWithoutKeys) {
    listen();
    Peer naked = pusher();
    naked.socket.connect(listening().at(0));
    naked.send({"naked", "v"});
    EXPECT_TRUE(waitForLog("refused a peer"));
    EXPECT_TRUE(host_.recording().messages.empty());
}

}  // namespace
}  // namespace sluice::test
