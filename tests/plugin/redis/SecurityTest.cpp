#include "redis/RedisFixture.h"
#include "support/FreePort.h"
#include "support/TestTls.h"

namespace sluice::test {
namespace {

constexpr const char* kSecret = "hush-hush-hush";

class RedisSecurity : public RedisTest {
  protected:
    void TearDown() override {
        RedisTest::TearDown();
        for (const auto& call : host_.recording().calls)
            EXPECT_EQ((call.code + call.text).find(kSecret), std::string::npos) << call.text;
    }
    void addUser(const std::string& name, const Words& rules) {
        Words command{"ACL", "SETUSER", name, "on", std::string(">") + kSecret};
        command.insert(command.end(), rules.begin(), rules.end());
        redis_(command);
    }
    void expectMessages(PluginInstance&) {
        publish("news", "a");
        addNumbered("orders", 2, 2);
        EXPECT_TRUE(host_.waitForMessages(2));
    }
    const std::string address_ = redis_.shown();
};

TEST_F(RedisSecurity, logsInWithAPassword) {
    redis_({"CONFIG", "SET", "requirepass", kSecret});
    host_.set("/password", kSecret);
    auto plugin = run({"news"});
    publish("news", "a");
    ASSERT_TRUE(host_.waitForMessages(1));
}

TEST_F(RedisSecurity, logsInAsAUserOfTheUrl) {
    addUser("me", {"+@all", "~*", "&*"});
    redis_({"ACL", "SETUSER", "default", "off"});
    streams({"orders"});
    addNumbered("orders", 1, 1);
    auto plugin = open(host_, {"news", "orders"},
                       std::string("redis://me:") + kSecret + "@" + address_ + "/0");
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    expectMessages(*plugin);
}

TEST_F(RedisSecurity, aWrongPasswordIsAState) {
    addUser("me", {"+@all", "~*", "&*"});
    host_.set("/username", "me").set("/password", std::string(kSecret) + "x");
    auto plugin = open({"news"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "authentication", 5s));
    redis_({"ACL", "SETUSER", "me", std::string(">") + kSecret + "x"});
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running", 15s));
}

TEST_F(RedisSecurity, aMissingPasswordIsAState) {
    redis_({"CONFIG", "SET", "requirepass", kSecret});
    auto plugin = open({"news"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "authentication", 5s));
}

TEST_F(RedisSecurity, aPasswordThatNobodyWantsIsAState) {
    host_.set("/password", kSecret);
    auto plugin = open({"news"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "authentication", 5s));
}

TEST_F(RedisSecurity, theRulesOfTheReadmeAreEnough) {
    addUser("me", {"resetchannels", "&news", "&t:*", "%R~orders", "%R~carts:*", "-@all",
                   "+subscribe", "+psubscribe", "+unsubscribe", "+punsubscribe", "+ping", "+xread",
                   "+xinfo|stream", "+multi", "+exec", "+time", "+scan"});
    streams({"orders", "carts:{region}"});
    addNumbered("orders", 1, 1);
    addNumbered("carts:eu", 1, 1);
    host_.set("/username", "me").set("/password", kSecret).set("/keepalive", "100ms");
    auto plugin = open({"news", "t:{x}", "orders", "carts:{region}"});
    ASSERT_TRUE(plugin->start({}, 2min));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    publish("news", "a");
    publish("t:1", "b");
    addNumbered("carts:eu", 2, 2);
    ASSERT_TRUE(host_.waitForMessages(5));
}

TEST_F(RedisSecurity, theRulesOfTheReadmeAreEnoughForAGroup) {
    addUser("me", {"~orders", "-@all", "+ping", "+xreadgroup", "+xack", "+xgroup|create",
                   "+xautoclaim", "+xinfo|stream", "+time"});
    streams({"orders"});
    addNumbered("orders", 1, 3);
    host_.set("/username", "me").set("/password", kSecret).set("/start", "earliest");
    host_.set("/group/name", "g").set("/group/consumer", "c").set("/group/claim_idle", "1s");
    auto plugin = run({"orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(1, 3)));
}

TEST_F(RedisSecurity, whatTheUserMayNotReadIsNamedAndTheRestRuns) {
    addUser("me", {"+@all", "resetchannels", "&news", "~orders"});
    streams({"orders", "secret"});
    addNumbered("orders", 1, 1);
    addNumbered("secret", 1, 1);
    host_.set("/username", "me").set("/password", kSecret);
    auto plugin = open({"news", "private", "orders", "secret"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "not-authorized"));
    expectMessages(*plugin);
    const std::string text = host_.recording().of(Kind::Health).back().text;
    EXPECT_TRUE(text.ends_with(": private") || text.ends_with(": secret")) << text;
}

TEST_F(RedisSecurity, aStreamThatMayBeReadAgainGoesOnWhereItWas) {
    addUser("me", {"+@all", "~orders", "~other"});
    streams({"orders", "other"});
    addNumbered("orders", 1, 1);
    addNumbered("other", 1, 1);
    host_.set("/username", "me").set("/password", kSecret);
    auto plugin = run({"orders", "other"});
    redis_({"ACL", "SETUSER", "me", "resetkeys", "~other"});
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "not-authorized"));
    addNumbered("orders", 2, 5);
    addNumbered("other", 2, 2);
    ASSERT_TRUE(waitForIds("other", Names{"2-0"}));
    redis_({"ACL", "SETUSER", "me", "~orders"});
    ASSERT_TRUE(waitForIds("orders", numbered(2, 5)));
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    EXPECT_EQ(losses(), Names{});
}

TEST_F(RedisSecurity, aCommandThatIsForbiddenIsNamed) {
    addUser("me", {"+@all", "-xread", "~*"});
    streams({"orders"});
    addNumbered("orders", 1, 1);
    host_.set("/username", "me").set("/password", kSecret);
    auto plugin = open({"orders"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_DEGRADED, "not-authorized"));
    redis_({"ACL", "SETUSER", "me", "+xread"});
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running", 20s));
}

/// A Redis with a port for TLS.
class RedisTls : public ::testing::Test {
  protected:
    using Kind = RecordedCall::Kind;

    static std::vector<std::string> options(const std::string& clients) {
        return {"--tls-cert-file",    sharedTls().serverCert(),
                "--tls-key-file",     sharedTls().serverKey(),
                "--tls-ca-cert-file", sharedTls().ca(),
                "--tls-auth-clients", clients};
    }
    std::unique_ptr<PluginInstance> start(std::uint16_t port, const std::string& name = "127.0.0.1",
                                          const std::string& scheme = "rediss") {
        host_.set("/server", scheme + "://" + name + ":" + std::to_string(port));
        host_.set("/streams", "orders").set("/start", "earliest");
        auto plugin = std::make_unique<PluginInstance>(SLUICE_TEST_PLUGIN_REDIS, host_);
        EXPECT_TRUE(plugin->open() && plugin->watch({"news", "orders"}) && plugin->start());
        return plugin;
    }
    void expectRefusal(const std::string& words) {
        EXPECT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, "tls", 10s))
            << host_.recording().health();
        const std::string text = host_.recording().of(Kind::Health).back().text;
        EXPECT_NE(text.find(words), std::string::npos) << text;
    }
    const std::uint16_t port_ = freePort();
    RecordingHost host_;
};

TEST_F(RedisTls, readsOverTls) {
    RedisServer redis(options("no"), port_);
    redis({"XADD", "orders", "1-0", "v", "1"});
    host_.set("/tls/ca", sharedTls().ca());
    auto plugin = start(port_);
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    const std::string large(1'000'000, 'x');
    redis({"PUBLISH", "news", large});
    for (int i = 0; i < 1'000; ++i) redis({"PUBLISH", "news", std::to_string(i)});
    ASSERT_TRUE(host_.waitForMessages(1'002));
}

TEST_F(RedisTls, provesANameToo) {
    RedisServer redis(options("no"), port_);
    redis({"XADD", "orders", "1-0", "v", "1"});
    host_.set("/tls/ca", sharedTls().ca());
    auto plugin = start(port_, "localhost", "redis");  // the block alone asks for TLS
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisTls, anUnknownAuthorityIsRefused) {
    RedisServer redis(options("no"), port_);
    host_.set("/tls/ca", sharedTls().otherCa());
    auto plugin = start(port_);
    expectRefusal("could not be verified");
}

TEST_F(RedisTls, theAuthoritiesOfTheSystemDoNotKnowOurs) {
    RedisServer redis(options("no"), port_);
    auto plugin = start(port_);
    expectRefusal("could not be verified");
}

TEST_F(RedisTls, aCertificateOfAnotherNameIsRefused) {
    auto wrong = options("no");
    wrong[1] = sharedTls().elsewhereCert();
    wrong[3] = sharedTls().elsewhereKey();
    RedisServer redis(wrong, port_);
    host_.set("/tls/ca", sharedTls().ca());
    auto plugin = start(port_, "localhost");
    expectRefusal("could not be verified");
}

TEST_F(RedisTls, showsACertificateOfItsOwn) {
    RedisServer redis(options("yes"), port_);
    redis({"XADD", "orders", "1-0", "v", "1"});
    host_.set("/tls/ca", sharedTls().ca()).set("/tls/cert", sharedTls().clientCert());
    host_.set("/tls/key", sharedTls().lockedClientKey());
    host_.set("/tls/key_password", TestTls::kKeyPassword);
    auto plugin = start(port_);
    ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
}

TEST_F(RedisTls, aCertificateThatIsWantedIsAState) {
    RedisServer redis(options("yes"), port_);
    host_.set("/tls/ca", sharedTls().ca());
    auto plugin = start(port_);
    expectRefusal("");
}

TEST_F(RedisTls, aWrongKeyPasswordIsAStateThatDoesNotShowIt) {
    host_.set("/tls/ca", sharedTls().ca()).set("/tls/cert", sharedTls().clientCert());
    host_.set("/tls/key", sharedTls().lockedClientKey()).set("/tls/key_password", kSecret);
    auto plugin = start(port_);
    expectRefusal("no key can be read");
    for (const auto& call : host_.recording().calls)
        EXPECT_EQ(call.text.find(kSecret), std::string::npos);
}

TEST_F(RedisTls, aFileThatIsMissingIsAState) {
    host_.set("/tls/ca", "no-such-file.pem");
    auto plugin = start(port_);
    expectRefusal("no-such-file.pem");
}

TEST_F(RedisTls, aServerWithoutTlsIsNamed) {
    RedisServer redis;
    host_.set("/tls/ca", sharedTls().ca()).set("/timeout", "1s");
    auto plugin = start(redis.port());
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        const std::string health = recording.health();
        return health == "1 tls" || health == "1 no-answer";
    }));
}

TEST_F(RedisTls, aServerThatWantsTlsIsNamed) {
    RedisServer redis(options("no"), port_);
    auto plugin = start(port_, "127.0.0.1", "redis");
    ASSERT_TRUE(host_.wait([](const Recording& recording) {
        const std::string health = recording.health();
        return health == "1 closed" || health == "1 protocol";
    }));
}

}  // namespace
}  // namespace sluice::test
