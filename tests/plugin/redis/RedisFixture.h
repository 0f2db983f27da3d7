#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "redis/RedisServer.h"
#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {

using namespace std::chrono_literals;

/// "7-0": a position as Redis writes it.
inline std::string textOf(sluice_position position) {
    return std::to_string(position.first) + "-" + std::to_string(position.second);
}

/// The real redis.so against a real Redis of the test's own.
class RedisTest : public ::testing::Test {
  protected:
    using Kind = RecordedCall::Kind;
    using Names = std::vector<std::string>;
    using Words = RedisServer::Words;

    /// An instance that was opened and told what to watch.
    std::unique_ptr<PluginInstance> open(RecordingHost& host, const Names& patterns,
                                         const std::string& server) {
        host.set("/server", server);
        auto instance = std::make_unique<PluginInstance>(SLUICE_TEST_PLUGIN_REDIS, host);
        EXPECT_TRUE(instance->open());
        EXPECT_TRUE(instance->watch(patterns));
        return instance;
    }
    std::unique_ptr<PluginInstance> open(const Names& patterns) {
        return open(host_, patterns, redis_.url());
    }
    /// As open; and started, and running.
    std::unique_ptr<PluginInstance> run(const Names& patterns) {
        auto instance = open(patterns);
        EXPECT_TRUE(instance->start());
        EXPECT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
        return instance;
    }
    void streams(const Names& names) {
        for (std::size_t i = 0; i < names.size(); ++i)
            host_.set("/streams/" + std::to_string(i), names[i]);
    }
    void TearDown() override { EXPECT_EQ(host_.breaches(), Names{}); }

    /// XADD key id v value.
    void add(const std::string& key, const std::string& id, const std::string& value) {
        redis_({"XADD", key, id, "v", value});
    }
    /// Entries FIRST-0 .. LAST-0 with values "v1" and so on.
    void addNumbered(const std::string& key, int first, int last) {
        std::vector<Words> commands;
        for (int i = first; i <= last; ++i)
            commands.push_back(
                {"XADD", key, std::to_string(i) + "-0", "v", "v" + std::to_string(i)});
        redis_.all(commands);
    }
    void publish(const std::string& channel, const std::string& message) {
        redis_({"PUBLISH", channel, message});
    }
    /// Ids of a stream's messages.
    static Names ids(const Recording& recording, const std::string& key) {
        Names ids;
        for (const RecordedMessage& message : recording.messages)
            if (message.topic == key) ids.push_back(message.variables.at("id"));
        return ids;
    }
    Names ids(const std::string& key) const { return ids(host_.recording(), key); }
    static Names numbered(int first, int last) {
        Names names;
        for (int i = first; i <= last; ++i) names.push_back(std::to_string(i) + "-0");
        return names;
    }
    bool waitForIds(const std::string& key, const Names& wanted) const {
        const bool came = host_.wait(
            [&](const Recording& recording) { return ids(recording, key) == wanted; }, 10s);
        if (!came) {
            EXPECT_EQ(ids(key), wanted);
        }
        return came;
    }
    /// All losses told: "orders 3-1..7-0 lost"; of the plain lane "lost".
    static Names losses(const Recording& recording) {
        Names losses;
        for (const auto& call : recording.of(Kind::Lost)) {
            const std::string reason = call.number == SLUICE_RESET ? "reset" : "lost";
            losses.push_back(call.family.empty() ? reason
                                                 : call.family + " " + textOf(call.from) + ".." +
                                                       textOf(call.to) + " " + reason);
        }
        return losses;
    }
    Names losses() const { return losses(host_.recording()); }
    bool waitForLosses(const Names& wanted) const {
        const bool came = host_.wait(
            [&](const Recording& recording) { return losses(recording) == wanted; }, 15s);
        if (!came) {
            EXPECT_EQ(losses(), wanted);
        }
        return came;
    }
    /// The last declaration of a stream's lane; none: it was not declared.
    std::vector<sluice_lane_ends> declared(const std::string& key) const {
        std::vector<sluice_lane_ends> found;
        for (const auto& call : host_.recording().of(Kind::Lanes))
            if (call.family == key) found = call.ends;
        return found;
    }

    RedisServer redis_;
    RecordingHost host_;
};

}  // namespace sluice::test
