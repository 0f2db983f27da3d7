#include <gtest/gtest.h>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {
namespace {

/// check() touches nothing outside the process, so these need no server.
class RedisSettings : public ::testing::Test {
  protected:
    using Pointers = std::vector<std::string>;
    bool check() { return PluginInstance(SLUICE_TEST_PLUGIN_REDIS, host_).check(); }
    std::vector<RecordedCall> calls() const {
        return host_.recording().of(RecordedCall::Kind::SettingError);
    }
    Pointers errors() {
        EXPECT_FALSE(check());
        Pointers pointers;
        for (const auto& call : calls()) pointers.push_back(call.code);
        return pointers;
    }
    RecordingHost host_;
};

TEST_F(RedisSettings, nothingHasToBeSet) {
    EXPECT_TRUE(check());
}

TEST_F(RedisSettings, takesEveryOption) {
    host_.set("/server", "rediss://redis-1:6380/2").set("/username", "u").set("/password", "p");
    host_.set("/tls/ca", "ca.pem").set("/tls/cert", "c.pem").set("/tls/key", "k.pem");
    host_.set("/tls/key_password", "x").set("/streams/0", "orders").set("/streams/1", "c:{x}");
    host_.set("/start", "since:-15min").set("/payload_field", "body").set("/timeout", "2s");
    host_.set("/group/name", "g").set("/group/consumer", "c").set("/group/claim_idle", "1min");
    host_.set("/keepalive", "30s").set("/scan_interval", "1min").set("/message_bytes_max", "1MiB");
    EXPECT_TRUE(check());
    EXPECT_TRUE(calls().empty());
}

TEST_F(RedisSettings, refusesUnknownKeysAndSaysWhichWasMeant) {
    host_.set("/servers", "x").set("/group/nam", "x").set("/tls/chain", "x").set("/streams", "s");
    EXPECT_EQ(errors(),
              (Pointers{"/servers", "/tls/chain", "/group/nam", "/group/name", "/group/consumer"}));
    EXPECT_NE(calls()[0].text.find("did you mean server?"), std::string::npos);
}

TEST_F(RedisSettings, refusesWhatIsNoServerWithoutShowingIt) {
    for (const char* server : {"localhost:6379", "http://hush-hush@h", "redis://u:hush-hush@",
                               "redis://h/x", "redis://h:0", ""}) {
        RecordingHost host;
        host.set("/server", server);
        EXPECT_FALSE(PluginInstance(SLUICE_TEST_PLUGIN_REDIS, host).check()) << server;
        const auto calls = host.recording().of(RecordedCall::Kind::SettingError);
        ASSERT_EQ(calls.size(), 1U) << server;
        EXPECT_EQ(calls[0].code, "/server");
        EXPECT_EQ(calls[0].text.find("hush"), std::string::npos);
        EXPECT_NE(calls[0].text.find("redis"), std::string::npos);
    }
}

TEST_F(RedisSettings, aLoginStandsInOnePlace) {
    host_.set("/server", "redis://u:p@h/1").set("/password", "p").set("/db", "1");
    EXPECT_EQ(errors(), (Pointers{"/password", "/db"}));
}

TEST_F(RedisSettings, aUserNeedsAPassword) {
    host_.set("/username", "u");
    EXPECT_EQ(errors(), Pointers{"/username"});
    host_.set("/password", "p");
    EXPECT_TRUE(check());
}

TEST_F(RedisSettings, aUserOfTheUrlNeedsAPasswordToo) {
    host_.set("/server", "redis://u@h");
    EXPECT_EQ(errors(), Pointers{"/server"});
    host_.set("/password", "p");
    EXPECT_TRUE(check());
}

TEST_F(RedisSettings, everyBoundIsHeld) {
    host_.set("/streams", "s");
    for (const auto& [pointer, value] :
         {std::pair{"/db", "-1"}, std::pair{"/db", "one"}, std::pair{"/timeout", "1ms"},
          std::pair{"/timeout", "10min"}, std::pair{"/timeout", "5"}, std::pair{"/keepalive", "0s"},
          std::pair{"/scan_interval", "2h"}, std::pair{"/replay_timeout", "2h"},
          std::pair{"/message_bytes_max", "10B"}, std::pair{"/message_bytes_max", "1GiB"},
          std::pair{"/message_bytes_max", "many"}, std::pair{"/tls", "maybe"},
          std::pair{"/start", "yesterday"}, std::pair{"/group", "g"}}) {
        RecordingHost host;
        host.set("/streams", "s").set(pointer, value);
        EXPECT_FALSE(PluginInstance(SLUICE_TEST_PLUGIN_REDIS, host).check()) << pointer << value;
        const auto calls = host.recording().of(RecordedCall::Kind::SettingError);
        ASSERT_EQ(calls.size(), 1U) << pointer << " " << value;
        EXPECT_EQ(calls[0].code, pointer);
        EXPECT_NE(calls[0].text.find("write "), std::string::npos) << calls[0].text;
    }
}

TEST_F(RedisSettings, whatIsOfStreamsNeedsStreams) {
    host_.set("/start", "earliest").set("/payload_field", "body").set("/scan_interval", "1s");
    host_.set("/group/name", "g").set("/group/consumer", "c");
    EXPECT_EQ(errors(), (Pointers{"/start", "/payload_field", "/group", "/scan_interval"}));
}

TEST_F(RedisSettings, aBadStreamIsNamedByItsPlace) {
    host_.set("/streams/0", "fine").set("/streams/1", "{").set("/streams/2", "{a}{b}");
    EXPECT_EQ(errors(), (Pointers{"/streams/1", "/streams/2"}));
}

TEST_F(RedisSettings, tlsMustNotContradictTheUrl) {
    host_.set("/server", "rediss://h").set("/tls", "false");
    EXPECT_EQ(errors(), Pointers{"/tls"});
}

TEST_F(RedisSettings, aCertificateNeedsItsKey) {
    host_.set("/tls/cert", "c.pem");
    EXPECT_EQ(errors(), Pointers{"/tls/cert"});
}

TEST_F(RedisSettings, openFailsOnABadSettingToo) {
    host_.set("/server", "nowhere");
    PluginInstance instance(SLUICE_TEST_PLUGIN_REDIS, host_);
    EXPECT_FALSE(instance.open());
}

}  // namespace
}  // namespace sluice::test
