#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/KafkaAdmin.h"
#include "support/KafkaProcess.h"
#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

namespace sluice::test {

using namespace std::chrono_literals;

inline sluice_position at(std::uint64_t offset) {
    return {offset, 0};
}

/// The real kafka.so against the real broker that all tests share. Every test has topics of its
/// own.
class KafkaTest : public ::testing::Test {
  protected:
    using Kind = RecordedCall::Kind;

    const KafkaFacts& facts() const { return sharedKafka(); }
    KafkaAdmin& admin() {
        if (!admin_) admin_ = std::make_unique<KafkaAdmin>(facts().bootstrap);
        return *admin_;
    }
    /// A name that no other test uses.
    std::string freshTopic(const std::string& word = "topic") {
        static std::atomic<int> count{0};
        const auto now = std::chrono::system_clock::now().time_since_epoch().count();
        return word + "." + std::to_string(getpid()) + "-" + std::to_string(now % 1'000'000'000) +
               "-" + std::to_string(++count);
    }
    /// An instance that was opened and told what to watch.
    std::unique_ptr<PluginInstance> open(RecordingHost& host,
                                         const std::vector<std::string>& patterns,
                                         const std::string& brokers) {
        host.set("/brokers", brokers);
        auto instance = std::make_unique<PluginInstance>(SLUICE_TEST_PLUGIN_KAFKA, host);
        EXPECT_TRUE(instance->open());
        EXPECT_TRUE(instance->watch(patterns));
        return instance;
    }
    std::unique_ptr<PluginInstance> open(RecordingHost& host,
                                         const std::vector<std::string>& patterns) {
        return open(host, patterns, facts().bootstrap);
    }
    void TearDown() override { EXPECT_EQ(host_.breaches(), std::vector<std::string>{}); }

    static std::size_t threadsOfThisProcess() {
        const std::filesystem::directory_iterator tasks("/proc/self/task");
        return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
    }
    static std::vector<std::string> numbered(const std::string& prefix, int first, int count) {
        std::vector<std::string> values;
        for (int i = first; i < first + count; ++i) values.push_back(prefix + std::to_string(i));
        return values;
    }
    bool waitForLost(const RecordingHost& host, std::uint32_t reason) const {
        return host.wait([&](const Recording& recording) {
            for (const auto& call : recording.of(Kind::Lost))
                if (call.number == reason) return true;
            return false;
        });
    }
    bool waitForLanes(const RecordingHost& host, const std::string& family,
                      std::size_t count) const {
        return host.wait([&](const Recording& recording) {
            const auto calls = recording.of(Kind::Lanes);
            return !calls.empty() && calls.back().family == family &&
                   calls.back().ends.size() == count;
        });
    }
    bool waitForAt(const RecordingHost& host, std::uint64_t position) const {
        return host.wait([&](const Recording& recording) {
            const auto calls = recording.of(Kind::At);
            return !calls.empty() && calls.back().to.first == position;
        });
    }

    RecordingHost host_;

  private:
    std::unique_ptr<KafkaAdmin> admin_;
};

}  // namespace sluice::test
