#include <cstdlib>

#include "mqtt/MqttFixture.h"
#include "support/TestTls.h"

namespace sluice::test {
namespace {

constexpr const char* kPassword = "hush-hush";

/// A folder with what several brokers need.
class MqttSecurity : public MqttTest {
  protected:
    /// A broker that knows the user alice.
    MosquittoProcess::Options withPasswords() {
        const std::string file = folder_.write("passwords", "");
        ChildProcess tool;
        tool.start({"mosquitto_passwd", "-b", file, "alice", kPassword});
        EXPECT_EQ(tool.wait(), 0) << tool.log();
        return {.listener = "allow_anonymous false\npassword_file " + file + "\n"};
    }
    void expectNoSecret() {
        for (const auto& call : host_.recording().calls)
            EXPECT_EQ(call.text.find(kPassword), std::string::npos) << call.text;
    }
    void TearDown() override {
        expectNoSecret();
        MqttTest::TearDown();
    }
    TempFolder folder_;
};

TEST_F(MqttSecurity, theRightPasswordOpens) {
    const MosquittoProcess broker(withPasswords());
    host_.set("/username", "alice").set("/password", kPassword);
    const auto plugin = run(host_, broker.uri(), {"t"});
    MqttClient(broker.port(), {.username = "alice", .password = kPassword})
        .publish({.topic = "t", .payload = "x"});
    EXPECT_TRUE(host_.waitForMessages(1));
}

TEST_F(MqttSecurity, aWrongPasswordIsAState) {
    const MosquittoProcess broker(withPasswords());
    for (const char* version : {"5", "3.1.1"}) {
        RecordingHost host;
        host.set("/version", version).set("/username", "alice").set("/password", "wrong-one");
        const auto plugin = open(host, broker.uri(), {"t"});
        ASSERT_TRUE(plugin->start());
        // 0x87 or 5: Mosquitto does not tell which of the two was wrong.
        EXPECT_TRUE(isConnecting(host, "not-authorized")) << host.recording().health();
        EXPECT_EQ(words(host).find("wrong-one"), std::string::npos);
    }
}

TEST_F(MqttSecurity, aMissingPasswordIsAStateThatSaysSo) {
    const MosquittoProcess broker(withPasswords());
    const auto plugin = open(host_, broker.uri(), {"t"});
    ASSERT_TRUE(plugin->start());
    ASSERT_TRUE(isConnecting(host_, "not-authorized"));
    EXPECT_NE(words(host_).find("there is no username:"), std::string::npos) << words(host_);
}

/// Mosquitto's plugin for rules is the only way to make it refuse a subscription.
constexpr const char* kRules = R"({
  "defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true,
                       "subscribe": false, "unsubscribe": true},
  "anonymousGroup": "all",
  "groups": [{"groupname": "all", "roles": [{"rolename": "reader"}]}],
  "roles": [{"rolename": "reader", "acls": [
    {"acltype": "subscribePattern", "topic": "open/#", "allow": true}]}]
})";

TEST_F(MqttSecurity, aRefusedSubscriptionIsAStateAndTheOthersAreRead) {
    const char* const kLibrary = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so";
    if (access(kLibrary, R_OK) != 0) GTEST_SKIP() << "no " << kLibrary;
    const std::string rules = folder_.write("rules.json", kRules);
    for (const char* version : {"5", "3.1.1"}) {
        const MosquittoProcess broker({.listener = "allow_anonymous true\nplugin " +
                                                   std::string(kLibrary) +
                                                   "\nplugin_opt_config_file " + rules + "\n"});
        RecordingHost host;
        host.set("/version", version);
        const auto plugin = open(host, broker.uri(), {"open/{x}", "secret/{x}"});
        ASSERT_TRUE(plugin->start());
        ASSERT_TRUE(host.waitForHealth(SLUICE_STATE_DEGRADED, "not-authorized"))
            << host.recording().health() << broker.log();
        EXPECT_NE(words(host).find("secret/+"), std::string::npos) << words(host);
        MqttClient(broker.port()).publish({.topic = "open/a", .payload = "x"});
        EXPECT_TRUE(host.waitForMessages(1));
    }
}

class MqttTls : public MqttSecurity {
  protected:
    static MosquittoProcess::Options with(const std::string& cert, const std::string& key,
                                          const std::string& more = "") {
        return {.listener = "allow_anonymous true\ncertfile " + cert + "\nkeyfile " + key +
                            "\ncafile " + sharedTls().ca() + "\n" + more};
    }
    static MosquittoProcess::Options usual() {
        return with(sharedTls().serverCert(), sharedTls().serverKey());
    }
    static MosquittoProcess::Options wantingCertificates() {
        return with(sharedTls().serverCert(), sharedTls().serverKey(),
                    "require_certificate true\n");
    }
    static std::string uriOf(const MosquittoProcess& broker, const std::string& host) {
        return "mqtts://" + host + ":" + std::to_string(broker.port());
    }
    /// Waits for the state `tls`; its words.
    std::string failure(const std::string& uri) {
        const auto plugin = open(host_, uri, {"t"});
        EXPECT_TRUE(plugin->start());
        EXPECT_TRUE(isConnecting(host_, "tls")) << host_.recording().health();
        return words(host_);
    }
};

TEST_F(MqttTls, aKnownAuthorityIsTrusted) {
    const MosquittoProcess broker(usual());
    for (const char* name : {"localhost", "127.0.0.1"}) {
        RecordingHost host;
        host.set("/tls/ca", sharedTls().ca());
        const auto plugin = run(host, uriOf(broker, name), {"t"});
    }
}

TEST_F(MqttTls, anUnknownAuthorityIsAState) {
    const MosquittoProcess broker(usual());
    host_.set("/tls/ca", sharedTls().otherCa());
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("could not be verified"), std::string::npos);
}

TEST_F(MqttTls, theSystemsAuthoritiesDoNotKnowOurs) {
    const MosquittoProcess broker(usual());
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("could not be verified"), std::string::npos);
}

TEST_F(MqttTls, anotherHostsCertificateIsAState) {
    const MosquittoProcess broker(with(sharedTls().elsewhereCert(), sharedTls().elsewhereKey()));
    host_.set("/tls/ca", sharedTls().ca());
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("hostname mismatch"), std::string::npos)
        << words(host_);
}

TEST_F(MqttTls, ourCertificateIsShown) {
    const MosquittoProcess broker(wantingCertificates());
    for (const std::string& key : {sharedTls().clientKey(), sharedTls().lockedClientKey()}) {
        RecordingHost host;
        host.set("/tls/ca", sharedTls().ca()).set("/tls/cert", sharedTls().clientCert());
        host.set("/tls/key", key).set("/tls/key_password", TestTls::kKeyPassword);
        const auto plugin = run(host, uriOf(broker, "localhost"), {"t"});
    }
}

TEST_F(MqttTls, aCertificateThatTheBrokerWantsIsAState) {
    const MosquittoProcess broker(wantingCertificates());
    host_.set("/tls/ca", sharedTls().ca());
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("wants a certificate"), std::string::npos)
        << words(host_);
}

TEST_F(MqttTls, aWrongKeyPasswordIsAState) {
    const MosquittoProcess broker(wantingCertificates());
    host_.set("/tls/ca", sharedTls().ca()).set("/tls/cert", sharedTls().clientCert());
    host_.set("/tls/key", sharedTls().lockedClientKey()).set("/tls/key_password", kPassword);
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("key_password is wrong"), std::string::npos)
        << words(host_);
}

TEST_F(MqttTls, aFileThatIsNotThereIsAState) {
    const MosquittoProcess broker(usual());
    host_.set("/tls/ca", "no/such/file.pem");
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("is not there"), std::string::npos)
        << words(host_);
}

TEST_F(MqttTls, aBrokerWithoutTlsIsAState) {
    const MosquittoProcess broker;
    EXPECT_NE(failure(uriOf(broker, "localhost")).find("TLS"), std::string::npos);
}

TEST_F(MqttTls, aBrokerThatWantsTlsIsAState) {
    const MosquittoProcess broker(usual());
    const auto plugin = open(host_, broker.uri(), {"t"});
    ASSERT_TRUE(plugin->start());
    EXPECT_TRUE(isConnecting(host_, "closed")) << host_.recording().health();
}

}  // namespace
}  // namespace sluice::test
