#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mqtt/MqttClient.h"
#include "support/MosquittoProcess.h"
#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {

using namespace std::chrono_literals;

/// The real mqtt.so against a recording host.
class MqttTest : public ::testing::Test {
  protected:
    using Kind = RecordedCall::Kind;

    /// An instance that was opened and told what to watch.
    static std::unique_ptr<PluginInstance> open(RecordingHost& host, const std::string& uri,
                                                const std::vector<std::string>& patterns) {
        host.set("/broker", uri);
        auto instance = std::make_unique<PluginInstance>(SLUICE_TEST_PLUGIN_MQTT, host);
        EXPECT_TRUE(instance->open());
        EXPECT_TRUE(instance->watch(patterns));
        return instance;
    }
    /// One that runs.
    static std::unique_ptr<PluginInstance> run(RecordingHost& host, const std::string& uri,
                                               const std::vector<std::string>& patterns) {
        auto instance = open(host, uri, patterns);
        EXPECT_TRUE(instance->start());
        EXPECT_TRUE(isRunning(host)) << host.recording().health();
        return instance;
    }
    static bool isRunning(const RecordingHost& host) {
        return host.waitForHealth(SLUICE_STATE_RUNNING, "running");
    }
    static bool isConnecting(const RecordingHost& host, std::string_view code,
                             std::chrono::milliseconds within = 30s) {
        return host.waitForHealth(SLUICE_STATE_CONNECTING, code, within);
    }
    /// The words of the state that was reported last.
    static std::string words(const RecordingHost& host) {
        const auto healths = host.recording().of(Kind::Health);
        return healths.empty() ? "" : healths.back().text;
    }
    static std::vector<std::string> payloads(const RecordingHost& host, std::string_view topic) {
        return host.recording().payloads(topic, 0);
    }
    /// Payloads that are numbers as what rises by one: "0-99", or "0-99 95-120" with copies.
    static std::string runsOf(const std::vector<std::string>& numbers) {
        std::string runs;
        for (std::size_t i = 0; i < numbers.size();) {
            const int first = std::stoi(numbers[i]);
            int last = first;
            while (++i < numbers.size() && std::stoi(numbers[i]) == last + 1) ++last;
            runs += (runs.empty() ? "" : " ") + std::to_string(first) + "-" + std::to_string(last);
        }
        return runs;
    }
    static std::string runs(const RecordingHost& host, std::string_view topic) {
        return runsOf(payloads(host, topic));
    }
    static bool waitForPayload(const RecordingHost& host, const std::string& payload) {
        return host.wait([&](const Recording& recording) {
            return !recording.messages.empty() && recording.messages.back().payload == payload;
        });
    }
    static std::size_t losses(const RecordingHost& host) {
        return host.recording().of(Kind::Lost).size();
    }
    void TearDown() override { EXPECT_EQ(host_.breaches(), std::vector<std::string>{}); }

    RecordingHost host_;
};

}  // namespace sluice::test
