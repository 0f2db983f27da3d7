#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/ChildProcess.h"
#include "support/FreePort.h"
#include "zeromq/ZeromqFixture.h"

namespace sluice::test {
namespace {

/// A name whose look-up takes until it is told to end: libzmq calls ours, see the CMakeLists.
struct SlowName {
    static constexpr const char* kName = "slow.test";
    std::mutex mutex;
    std::condition_variable changed;
    int inside = 0;
    bool released = true;

    void hold() {
        const std::lock_guard lock(mutex);
        released = false;
    }
    void release() {
        const std::lock_guard lock(mutex);
        released = true;
        changed.notify_all();
    }
    bool waitInside() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 30s, [this] { return inside > 0; });
    }
    bool waitOutside() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 30s, [this] { return inside == 0; });
    }
    void lookUp() {
        std::unique_lock lock(mutex);
        ++inside;
        changed.notify_all();
        changed.wait_for(lock, 60s, [this] { return released; });
        --inside;
        changed.notify_all();
    }
};
SlowName slowName;

std::size_t threads() {
    const auto all = std::filesystem::directory_iterator{"/proc/self/task"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class ZeromqOutage : public ZeromqTest {
  protected:
    bool waitHealth(std::uint32_t state, std::string_view code) {
        const bool came = host_.waitForHealth(state, code);
        if (!came) ADD_FAILURE() << "is " << host_.recording().health() << ": " << healthText();
        return came;
    }
    void startPublisher(const std::vector<std::string>& options) {
        std::vector<std::string> command{SLUICE_TEST_ZEROMQ_PUBLISHER, endpoint_};
        command.insert(command.end(), options.begin(), options.end());
        child_.start(command);
        child_.waitForLog("at ");
    }
    const std::string endpoint_ = "tcp://127.0.0.1:" + std::to_string(freePort());
    ChildProcess child_;
};

TEST_F(ZeromqOutage, waitsForAPublisherThatIsNotThere) {
    host_.set("/connect", endpoint_);
    start();
    ASSERT_TRUE(waitHealth(SLUICE_STATE_CONNECTING, "unreachable"));
    EXPECT_NE(healthText().find(endpoint_), std::string::npos);
    Peer peer = publisher();
    peer.bind(endpoint_);
    ASSERT_EQ(peer.subscription(), "+");
    ASSERT_TRUE(waitRunning());
    peer.send({"t", "v"});
    ASSERT_TRUE(host_.waitForMessages(1));
    EXPECT_EQ(lostCalls(), 0u);
}

TEST_F(ZeromqOutage, tellsTheLossOverAKilledPublisher) {
    startPublisher({"--rate", "1000"});
    host_.set("/connect", endpoint_);
    start({"tick"});
    ASSERT_TRUE(host_.waitForMessages(100));
    child_.kill();
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        return recording.health() == "1 closed" || recording.health() == "1 unreachable";
    }));
    const std::size_t before = host_.recording().messages.size();
    EXPECT_EQ(lostCalls(), 0u);
    child_.startAgain();
    ASSERT_TRUE(waitForLost());
    ASSERT_TRUE(host_.waitForMessages(before + 100));
    ASSERT_TRUE(waitRunning());
    EXPECT_EQ(lostCalls(), 1u);
    EXPECT_EQ(host_.recording().of(Kind::Lost)[0].messagesBefore, before);
    EXPECT_TRUE(waitForLog("was gone for "));
    // What came is what was sent, on both sides of the gap.
    const auto payloads = host_.recording().payloads("tick", 0);
    for (std::size_t i = 1; i < payloads.size(); ++i) {
        if (i == before) continue;
        const auto number = [&](std::size_t at) { return std::stoull(payloads[at].substr(7)); };
        ASSERT_EQ(number(i), number(i - 1) + 1) << i;
    }
}

TEST_F(ZeromqOutage, noticesAFrozenPublisherByItsHeart) {
    startPublisher({"--rate", "10"});
    host_.set("/connect", endpoint_).set("/heartbeat", "200ms").set("/heartbeat_timeout", "600ms");
    start({"tick"});
    ASSERT_TRUE(host_.waitForMessages(1));
    child_.freeze();
    ASSERT_TRUE(waitHealth(SLUICE_STATE_CONNECTING, "closed"));
    child_.thaw();
    ASSERT_TRUE(waitForLost());
    ASSERT_TRUE(waitRunning());
    const std::size_t before = host_.recording().messages.size();
    ASSERT_TRUE(host_.waitForMessages(before + 1));
}

TEST_F(ZeromqOutage, aPeerOfAnotherKindIsNamed) {
    {
        zmq::context_t context;
        Peer wrong(context, zmq::socket_type::push);
        wrong.bind(endpoint_);
        host_.set("/connect", endpoint_);
        start();
        ASSERT_TRUE(waitHealth(SLUICE_STATE_CONNECTING, "handshake"));
        EXPECT_NE(healthText().find("is no PUB or XPUB socket"), std::string::npos) << healthText();
    }
    // libzmq has given up; the plugin has not.
    Peer right = publisher();
    right.bind(endpoint_);
    ASSERT_EQ(right.subscription(), "+");
    ASSERT_TRUE(waitRunning());
}

TEST_F(ZeromqOutage, whoeverSaysNothingIsNoZeromq) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener, 8), 0);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    host_.set("/connect", "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
    start();
    EXPECT_TRUE(waitHealth(SLUICE_STATE_CONNECTING, "no-answer"));
    EXPECT_LT(plugin_->stop(), PluginInstance::kStopDeadline);
    close(listener);
}

TEST_F(ZeromqOutage, aFrameAboveTheLimitEndsTheConnectionAndIsALoss) {
    Peer peer = publisher();
    host_.set("/connect", peer.bind()).set("/max_message", "2KiB");
    start();
    ASSERT_EQ(peer.subscription(), "+");
    peer.send({"t", "before"});
    peer.send({"t", std::string(2'048, 'x')});  // just as long as it may be
    peer.send({"t", std::string(2'049, 'x')});
    ASSERT_TRUE(host_.waitForMessages(2));
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        for (const auto& call : recording.of(Kind::Health))
            if (call.code == "cut") return call.text.find("max_message") != call.text.npos;
        return false;
    }));
    EXPECT_EQ(peer.subscription(), "-");
    EXPECT_EQ(peer.subscription(), "+");  // it is back
    peer.send({"t", "after"});
    ASSERT_TRUE(host_.waitForMessages(3));
    EXPECT_EQ(message(0).payload, "before");
    EXPECT_EQ(message(2).payload, "after");
    EXPECT_EQ(lostCalls(), 1u);
}

TEST_F(ZeromqOutage, whereItListensTheOthersGoOn) {
    host_.set("/bind", "tcp://127.0.0.1:*").set("/socket", "pull").set("/max_message", "1KiB");
    start();
    const auto endpoint = listening().at(0);
    Peer good = pusher(), bad = pusher();
    good.socket.connect(endpoint);
    bad.socket.connect(endpoint);
    good.send({"good", "1"});
    bad.send({"bad", std::string(2'000, 'x')});
    ASSERT_TRUE(host_.waitForMessages(1));
    good.send({"good", "2"});
    ASSERT_TRUE(host_.waitForMessages(2));
    EXPECT_EQ(host_.recording().payloads("good", 0), (std::vector{"1"s, "2"s}));
    EXPECT_EQ(host_.recording().health(), "2 running");
}

TEST_F(ZeromqOutage, anAddressInUseIsAFailure) {
    Peer peer = pusher();
    host_.set("/bind/0", "tcp://127.0.0.1:*").set("/bind/1", peer.bind());
    start();
    ASSERT_TRUE(waitHealth(SLUICE_STATE_FAILED, "address-in-use"));
    EXPECT_NE(healthText().find(peer.socket.get(zmq::sockopt::last_endpoint)), std::string::npos);
    EXPECT_LT(plugin_->stop(), PluginInstance::kStopDeadline);
}

TEST_F(ZeromqOutage, anAddressThatIsNotOursIsAFailure) {
    host_.set("/bind", "tcp://192.0.2.1:5556");  // RFC 5737: nobody's
    start();
    ASSERT_TRUE(waitHealth(SLUICE_STATE_FAILED, "cannot-bind"));
    plugin_.reset();
    host_.set("/bind", "ipc:///no/such/folder/socket");
    start();
    ASSERT_TRUE(waitHealth(SLUICE_STATE_FAILED, "cannot-bind"));
}

TEST_F(ZeromqOutage, stopsWhileANameIsBeingLookedUp) {
    std::thread([] {}).join();  // the first brings ThreadSanitizer's own
    const std::size_t before = threads();
    slowName.hold();
    host_.set("/connect", "tcp://"s + SlowName::kName + ":5556");
    start();
    ASSERT_TRUE(slowName.waitInside());
    EXPECT_LT(plugin_->stop(), PluginInstance::kStopDeadline);
    host_.seal();
    slowName.release();
    ASSERT_TRUE(slowName.waitOutside());
    for (int i = 0; i < 100'000 && threads() > before; ++i) std::this_thread::yield();
    EXPECT_EQ(threads(), before) << "what was left behind has ended by itself";
    EXPECT_EQ(host_.callsAfterSeal(), 0u);
}

}  // namespace
}  // namespace sluice::test

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node != nullptr && std::string_view(node) == sluice::test::SlowName::kName) {
        sluice::test::slowName.lookUp();
        return EAI_AGAIN;
    }
    return real(node, service, hints, result);
}
