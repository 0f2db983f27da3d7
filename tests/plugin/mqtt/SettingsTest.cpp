#include <gtest/gtest.h>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {
namespace {

/// check() touches nothing outside the process, so these need no broker.
class MqttSettings : public ::testing::Test {
  protected:
    bool check() { return PluginInstance(SLUICE_TEST_PLUGIN_MQTT, host_).check(); }
    /// The pointers of all complaints.
    std::vector<std::string> errors() {
        EXPECT_FALSE(check());
        std::vector<std::string> pointers;
        for (const auto& call : host_.recording().of(RecordedCall::Kind::SettingError))
            pointers.push_back(call.code);
        return pointers;
    }
    /// The complaint about one setting that is alone.
    static std::string errorOf(const std::string& pointer, const std::string& value) {
        RecordingHost host;
        host.set(pointer, value);
        PluginInstance(SLUICE_TEST_PLUGIN_MQTT, host).check();
        const auto errors = host.recording().of(RecordedCall::Kind::SettingError);
        if (errors.size() != 1 || !pointer.starts_with(errors[0].code)) return "";
        return errors[0].text;
    }
    using Pointers = std::vector<std::string>;
    RecordingHost host_;
};

TEST_F(MqttSettings, nothingHasToBeSet) {
    EXPECT_TRUE(check());
}

TEST_F(MqttSettings, takeEveryOption) {
    host_.set("/broker", "mqtts://broker.example:8884").set("/version", "3.1.1");
    host_.set("/client_id", "me").set("/session", "7d").set("/qos", "2").set("/keepalive", "1min");
    host_.set("/username", "u").set("/password", "p");
    host_.set("/tls/ca", "ca.pem").set("/tls/cert", "c.pem").set("/tls/key", "k.pem");
    host_.set("/tls/key_password", "x").set("/status/topic", "s").set("/status/online", "up");
    host_.set("/status/offline", "").set("/status/qos", "0").set("/status/retain", "false");
    EXPECT_TRUE(check());
}

TEST_F(MqttSettings, takeBrokersInEveryForm) {
    for (const char* broker : {"mqtt://h", "mqtt://h:1", "mqtts://h.example", "h", "h:65535",
                               "mqtt://[::1]:1883", "127.0.0.1:1883", "mqtt://h:1883/"})
        EXPECT_EQ(errorOf("/broker", broker), "") << broker;
    for (const char* broker : {"", "mqtt://", "http://h", "mqtt://h:0", "mqtt://h:65536",
                               "mqtt://h:x", "mqtt://h/t", "a b", "mqtt://[::1", "h:1:2"})
        EXPECT_NE(errorOf("/broker", broker).find("write mqtt://HOST:PORT"), std::string::npos)
            << broker;
}

TEST_F(MqttSettings, sayWhatIsWrongWithEach) {
    const std::pair<const char*, std::pair<const char*, const char*>> cases[] = {
        {"/broker", {"mqtt://u:p@h", "write username: and password:"}},
        {"/version", {"4", "write one of: 5, 3.1.1"}},
        {"/client_id", {"", "1 to 255 bytes"}},
        {"/session", {"forever", "a duration"}},
        {"/session", {"10ms", "at least 1s"}},
        {"/qos", {"3", "from 0 to 2"}},
        {"/keepalive", {"0s", "from 1s to 18h"}},
        {"/keepalive", {"19h", "from 1s to 18h"}},
        {"/password", {"p", "write a username too"}},
        {"/tls", {"perhaps", "one of: true, false"}},
        {"/tls", {"true", "mqtts://HOST:PORT"}},
        {"/status", {"yes", "status: { topic"}},
        {"/status/topic", {"a/#", "without + and #"}},
        {"/brokers", {"h", "did you mean broker?"}},
    };
    for (const auto& [pointer, rest] : cases) {
        const std::string error = errorOf(pointer, rest.first);
        EXPECT_NE(error.find(rest.second), std::string::npos)
            << pointer << ": " << rest.first << ": " << error;
    }
}

TEST_F(MqttSettings, reportAllErrorsAtOnce) {
    host_.set("/version", "6").set("/session", "1y").set("/qos", "x").set("/keepalive", "soon");
    host_.set("/status/online", "up").set("/status/retain", "no").set("/tls/chain", "x");
    host_.set("/broker", "mqtts://h").set("/tls/key", "k.pem");
    EXPECT_EQ(errors(), (Pointers{"/tls/chain", "/version", "/qos", "/session", "/keepalive",
                                  "/tls/key", "/status/retain", "/status/topic"}));
}

TEST_F(MqttSettings, neverShowASecret) {
    host_.set("/broker", "mqtt://u:hush-hush@h").set("/password", "hush-hush");
    check();
    for (const auto& call : host_.recording().calls)
        EXPECT_EQ(call.text.find("hush-hush"), std::string::npos) << call.text;
}

TEST_F(MqttSettings, openFailsOnABadSettingToo) {
    host_.set("/qos", "9");
    PluginInstance instance(SLUICE_TEST_PLUGIN_MQTT, host_);
    EXPECT_FALSE(instance.open());
    EXPECT_EQ(host_.recording().of(RecordedCall::Kind::SettingError).size(), 1U);
}

}  // namespace
}  // namespace sluice::test
