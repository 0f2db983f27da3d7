#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <zmq.hpp>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"
#include "support/TempFolder.h"

namespace sluice::test {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// A real socket on the other side. Publishers are XPUB sockets, which hear of subscriptions, so
/// that nothing is sent before somebody listens.
class Peer {
  public:
    Peer(zmq::context_t& context, zmq::socket_type type) : socket(context, type) {
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::rcvtimeo, kPatienceMs);
        socket.set(zmq::sockopt::sndtimeo, kPatienceMs);
    }

    /// Returns where it listens.
    std::string bind(const std::string& at = "tcp://127.0.0.1:*") {
        socket.bind(at);
        return socket.get(zmq::sockopt::last_endpoint);
    }
    void send(const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const bool isLast = i + 1 == frames.size();
            const auto sent = socket.send(
                zmq::buffer(frames[i]), isLast ? zmq::send_flags::none : zmq::send_flags::sndmore);
            ASSERT_TRUE(sent.has_value()) << "nobody takes it";
        }
    }
    /// What an XPUB hears next: "+prefix" or "-prefix"; nothing within the patience.
    std::optional<std::string> subscription() {
        zmq::message_t message;
        if (!socket.recv(message) || message.size() == 0) return std::nullopt;
        const std::string text = message.to_string();
        return (text[0] == 1 ? "+" : "-") + text.substr(1);
    }

    static constexpr int kPatienceMs = 30'000;
    zmq::socket_t socket;
};

/// The real zeromq.so against real sockets.
class ZeromqTest : public ::testing::Test {
  protected:
    using Kind = RecordedCall::Kind;

    Peer peer(zmq::socket_type type) { return Peer(context_, type); }
    Peer publisher() { return Peer(context_, zmq::socket_type::xpub); }
    Peer pusher() { return Peer(context_, zmq::socket_type::push); }

    /// Opens, watches and starts with the settings of host_.
    void start(const std::vector<std::string>& patterns = {"{any**}"}) {
        plugin_ = std::make_unique<PluginInstance>(SLUICE_TEST_PLUGIN_ZEROMQ, host_);
        ASSERT_TRUE(plugin_->open()) << errors();
        ASSERT_TRUE(plugin_->watch(patterns));
        ASSERT_TRUE(plugin_->start());
    }
    bool waitRunning() { return host_.waitForHealth(SLUICE_STATE_RUNNING, "running"); }
    /// Where a plugin that binds listens; waits for it.
    std::vector<std::string> listening() {
        EXPECT_TRUE(waitRunning());
        std::vector<std::string> endpoints;
        std::string text = healthText();
        constexpr std::string_view kBegin = "listening on ";
        if (!text.starts_with(kBegin)) return {};
        text.erase(0, kBegin.size());
        for (std::size_t comma = 0; comma != text.npos;) {
            comma = text.find(", ");
            endpoints.push_back(text.substr(0, comma));
            if (comma != text.npos) text.erase(0, comma + 2);
        }
        return endpoints;
    }
    static std::string healthText(const Recording& recording) {
        const auto calls = recording.of(Kind::Health);
        return calls.empty() ? "" : calls.back().text;
    }
    std::string healthText() const { return healthText(host_.recording()); }
    std::string errors() const {
        std::string text;
        for (const auto& call : host_.recording().of(Kind::SettingError))
            text += call.code + " " + call.text + "\n";
        return text;
    }
    std::size_t lostCalls() const { return host_.recording().of(Kind::Lost).size(); }
    bool waitForLost(std::size_t count = 1) const {
        return host_.wait(
            [&](const Recording& recording) { return recording.of(Kind::Lost).size() >= count; });
    }
    bool waitForLog(std::string_view part) const {
        return host_.wait([&](const Recording& recording) {
            for (const auto& call : recording.of(Kind::Log))
                if (call.text.find(part) != call.text.npos) return true;
            return false;
        });
    }
    RecordedMessage message(std::size_t i) const { return host_.recording().messages.at(i); }
    void TearDown() override {
        plugin_.reset();
        EXPECT_EQ(host_.breaches(), std::vector<std::string>{});
    }

    TempFolder folder_;
    zmq::context_t context_;
    RecordingHost host_;
    std::unique_ptr<PluginInstance> plugin_;
};

}  // namespace sluice::test
