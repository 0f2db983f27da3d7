#include <gtest/gtest.h>
#include <zmq.hpp>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {
namespace {

using namespace std::string_literals;

/// check() touches nothing outside the process.
class ZeromqSettings : public ::testing::Test {
  protected:
    using Pointers = std::vector<std::string>;

    /// The errors of these settings, each as "pointer code: ...".
    static Pointers errors(const std::map<std::string, std::string>& settings) {
        RecordingHost host;
        for (const auto& [pointer, value] : settings) host.set(pointer, value);
        PluginInstance plugin(SLUICE_TEST_PLUGIN_ZEROMQ, host);
        const bool passed = plugin.check();
        Pointers found;
        for (const auto& call : host.recording().of(RecordedCall::Kind::SettingError)) {
            found.push_back(call.code + " " + call.text.substr(0, call.text.find(':')));
            EXPECT_FALSE(call.text.ends_with("; ")) << "no hint: " << call.text;
        }
        EXPECT_EQ(passed, found.empty());
        return found;
    }
    /// Of one setting, beside an endpoint.
    static Pointers errorsOf(const std::string& pointer, const std::string& value) {
        return errors({{"/connect", "tcp://a:1"}, {pointer, value}});
    }
    static constexpr const char* kKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";  // RFC 32's
};

TEST_F(ZeromqSettings, whoeverOnlyLooksMayNotPull) {
    for (const char* socket : {"pull", "sub"}) {
        RecordingHost host;
        host.set("/connect", "tcp://127.0.0.1:1").set("/socket", socket).observe();
        PluginInstance plugin(SLUICE_TEST_PLUGIN_ZEROMQ, host);
        EXPECT_EQ(plugin.open(), socket == "sub"s);
    }
}

TEST_F(ZeromqSettings, whoeverOnlyLooksMayTakeNoPath) {
    for (const char* endpoint : {"ipc:///run/a.sock", "tcp://127.0.0.1:*"}) {
        RecordingHost host;
        host.set("/bind", endpoint).observe();
        PluginInstance plugin(SLUICE_TEST_PLUGIN_ZEROMQ, host);
        EXPECT_EQ(plugin.open(), endpoint == "tcp://127.0.0.1:*"s);
    }
}

TEST_F(ZeromqSettings, needAnEndpoint) {
    EXPECT_EQ(errors({}), Pointers{"/connect missing"});
    EXPECT_EQ(errors({{"/connect", "tcp://a:1"}, {"/bind", "tcp://*:1"}}),
              Pointers{"/bind contradiction"});
    EXPECT_EQ(errors({{"/connect", "tcp://a:1"}}), Pointers{});
    EXPECT_EQ(errors({{"/bind", "tcp://*:5556"}}), Pointers{});
}

TEST_F(ZeromqSettings, takeEndpointsOfTcpAndIpc) {
    for (const char* good : {"tcp://a:1", "tcp://10.0.0.1:65535", "tcp://[::1]:5556",
                             "ipc:///run/a.sock", "ipc://@abstract"})
        EXPECT_EQ(errors({{"/connect", good}}), Pointers{}) << good;
    for (const char* good : {"tcp://*:1", "tcp://127.0.0.1:*", "tcp://eth0:5556", "ipc:///run/x"})
        EXPECT_EQ(errors({{"/bind", good}}), Pointers{}) << good;
    for (const char* bad :
         {"", "a:1", "http://a:1", "udp://a:1", "tcp://", "tcp://a", "tcp://a:", "tcp://:1",
          "tcp://a:0", "tcp://a:65536", "tcp://a:70000", "tcp://a:1x", "tcp://a:-1", "tcp://a b:1",
          "tcp://*:1", "tcp://a:*", "tcp://::1:5556", "ipc://", "TCP://a:1"})
        EXPECT_EQ(errors({{"/connect", bad}}), Pointers{"/connect bad-endpoint"}) << bad;
    for (const char* bad : {"tcp://*:0", "tcp://:5556", "tcp://*", "inproc://a"})
        EXPECT_EQ(errors({{"/bind", bad}}), Pointers{"/bind bad-endpoint"}) << bad;
    EXPECT_EQ(errors({{"/connect", "ipc://" + std::string(107, 'x')}}), Pointers{});
    EXPECT_EQ(errors({{"/connect", "ipc://" + std::string(108, 'x')}}),
              Pointers{"/connect bad-endpoint"});
}

TEST_F(ZeromqSettings, nameTheEndpointOfAList) {
    EXPECT_EQ(errors({{"/connect/0", "tcp://a:1"}, {"/connect/1", "tcp://a"}}),
              Pointers{"/connect/1 bad-endpoint"});
    EXPECT_EQ(errors({{"/connect/0", "tcp://a:1"}, {"/connect/1", "tcp://a:1"}}),
              Pointers{"/connect/1 twice"});
    std::map<std::string, std::string> many;
    for (int i = 0; i < 257; ++i)
        many["/connect/" + std::to_string(i)] = "tcp://a:" + std::to_string(i + 1);
    EXPECT_EQ(errors(many), Pointers{"/connect too-many"});
}

TEST_F(ZeromqSettings, refuseWhatTheyDoNotKnow) {
    EXPECT_EQ(errorsOf("/conect", "x"), Pointers{"/conect unknown-key"});
    EXPECT_EQ(errorsOf("/socket", "dealer"), Pointers{"/socket bad-value"});
    EXPECT_EQ(errorsOf("/curve/key", kKey)[0], "/curve/key unknown-key");
    EXPECT_EQ(errorsOf("/sequence/frames", "1")[0], "/sequence/frames unknown-key");
}

TEST_F(ZeromqSettings, topicAndSplitExcludeEachOther) {
    EXPECT_EQ(errorsOf("/topic", "t"), Pointers{});
    EXPECT_EQ(errorsOf("/split", " "), Pointers{});
    EXPECT_EQ(errorsOf("/topic", ""), Pointers{"/topic bad-value"});
    EXPECT_EQ(errorsOf("/topic", std::string(1'025, 't')), Pointers{"/topic bad-value"});
    EXPECT_EQ(errorsOf("/split", ""), Pointers{"/split bad-value"});
    EXPECT_EQ(errors({{"/connect", "tcp://a:1"}, {"/topic", "t"}, {"/split", " "}}),
              Pointers{"/topic contradiction"});
}

TEST_F(ZeromqSettings, sequenceSaysWhereTheNumberIs) {
    EXPECT_EQ(errorsOf("/sequence/frame", "2"), Pointers{});
    EXPECT_EQ(errorsOf("/sequence", "2"), Pointers{"/sequence bad-value"});
    EXPECT_EQ(errorsOf("/sequence/format", "u32le"), Pointers{"/sequence/frame missing"});
    for (const char* bad : {"0", "16", "-1", "last", ""})
        EXPECT_EQ(errorsOf("/sequence/frame", bad), Pointers{"/sequence/frame bad-value"}) << bad;
    EXPECT_EQ(errors({{"/connect", "tcp://a:1"},
                      {"/sequence/frame", "1"},
                      {"/sequence/format", "u16"},
                      {"/sequence/per", "publisher"}}),
              (Pointers{"/sequence/format bad-value", "/sequence/per bad-value"}));
}

TEST_F(ZeromqSettings, boundsHaveRanges) {
    for (const char* bad : {"0", "-1", "10000001", "many"})
        EXPECT_EQ(errorsOf("/high_water_mark", bad), Pointers{"/high_water_mark bad-value"}) << bad;
    EXPECT_EQ(errorsOf("/high_water_mark", "1"), Pointers{});
    for (const char* bad : {"1", "1023B", "2GiB", "-1KiB"})
        EXPECT_EQ(errorsOf("/max_message", bad), Pointers{"/max_message bad-value"}) << bad;
    EXPECT_EQ(errorsOf("/max_message", "1KiB"), Pointers{});
    EXPECT_EQ(errorsOf("/max_message", "1GiB"), Pointers{});
}

TEST_F(ZeromqSettings, heartbeatsNeedTheirTime) {
    EXPECT_EQ(errorsOf("/heartbeat", "10s"), Pointers{});
    EXPECT_EQ(errorsOf("/heartbeat", "0s"), Pointers{});
    EXPECT_EQ(errorsOf("/heartbeat", "fast"), Pointers{"/heartbeat bad-value"});
    EXPECT_EQ(errorsOf("/heartbeat", "50ms"), Pointers{"/heartbeat bad-value"});
    EXPECT_EQ(errorsOf("/heartbeat_timeout", "10s"), Pointers{"/heartbeat_timeout incomplete"});
    EXPECT_EQ(
        errors({{"/connect", "tcp://a:1"}, {"/heartbeat", "10s"}, {"/heartbeat_timeout", "9s"}}),
        Pointers{"/heartbeat_timeout bad-value"});
}

TEST_F(ZeromqSettings, keysOfTheConnectingSide) {
    char publicKey[41], secretKey[41], other[41], otherSecret[41];
    zmq_curve_keypair(publicKey, secretKey);
    zmq_curve_keypair(other, otherSecret);
    const auto with = [](std::map<std::string, std::string> keys) {
        keys["/connect"] = "tcp://a:1";
        return errors(keys);
    };
    const std::string server = "/curve/server_key", pub = "/curve/public_key",
                      secret = "/curve/secret_key";
    EXPECT_EQ(with({{server, kKey}}), Pointers{});
    EXPECT_EQ(with({{server, kKey}, {secret, secretKey}}), Pointers{});
    EXPECT_EQ(with({{server, kKey}, {pub, publicKey}, {secret, secretKey}}), Pointers{});
    EXPECT_EQ(with({{server, kKey}, {pub, other}, {secret, secretKey}}),
              Pointers{pub + " mismatch"});
    EXPECT_EQ(with({{server, kKey}, {pub, publicKey}}), Pointers{pub + " incomplete"});
    EXPECT_EQ(with({{secret, secretKey}}), Pointers{server + " missing"});
    EXPECT_EQ(with({{server, kKey}, {"/curve/clients/0", kKey}}),
              Pointers{"/curve/clients contradiction"});
    for (const char* bad : {"", "short", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf78",
                            "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\"", "hush hush hush hush"})
        EXPECT_EQ(with({{server, bad}}), Pointers{server + " bad-value"}) << bad;
    EXPECT_EQ(errorsOf("/curve", kKey), Pointers{"/curve bad-value"});
}

TEST_F(ZeromqSettings, keysOfTheListeningSide) {
    char publicKey[41], secretKey[41];
    zmq_curve_keypair(publicKey, secretKey);
    const auto with = [](std::map<std::string, std::string> keys) {
        keys["/bind"] = "tcp://*:1";
        return errors(keys);
    };
    EXPECT_EQ(with({{"/curve/secret_key", secretKey}}), Pointers{});
    EXPECT_EQ(with({{"/curve/secret_key", secretKey}, {"/curve/clients", kKey}}), Pointers{});
    EXPECT_EQ(with({{"/curve/secret_key", secretKey}, {"/curve/clients/0", kKey}}), Pointers{});
    EXPECT_EQ(with({{"/curve/public_key", publicKey}})[0], "/curve/secret_key missing");
    EXPECT_EQ(with({{"/curve/secret_key", secretKey}, {"/curve/server_key", kKey}}),
              Pointers{"/curve/server_key contradiction"});
    EXPECT_EQ(with({{"/curve/secret_key", secretKey},
                    {"/curve/clients/0", kKey},
                    {"/curve/clients/1", "x"}}),
              Pointers{"/curve/clients/1 bad-value"});
}

TEST_F(ZeromqSettings, aSecretIsNeverShown) {
    RecordingHost host;
    host.set("/connect", "tcp://a:1").set("/curve/secret_key", "hush-hush");
    PluginInstance(SLUICE_TEST_PLUGIN_ZEROMQ, host).check();
    const auto calls = host.recording().of(RecordedCall::Kind::SettingError);
    ASSERT_FALSE(calls.empty());
    for (const auto& call : calls) EXPECT_EQ(call.text.find("hush-hush"), std::string::npos);
}

TEST_F(ZeromqSettings, openFailsOnABadOneToo) {
    RecordingHost host;
    host.set("/connect", "nowhere");
    PluginInstance plugin(SLUICE_TEST_PLUGIN_ZEROMQ, host);
    EXPECT_FALSE(plugin.open());
}

}  // namespace
}  // namespace sluice::test
