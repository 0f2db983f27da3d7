#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "ManualClock.h"
#include "input/MappingsInForce.h"

namespace sluice {
namespace {

std::shared_ptr<const MappingTable> table(std::string from, std::string channel) {
    MappingOptions options;
    options.rules.push_back({"in", std::move(from), std::move(channel), "", "", {}});
    const std::vector<MappingInput> inputs{{"in", '.'}};
    std::vector<MappingError> errors;
    return MappingTable::compile(options, inputs, errors);
}

Pattern channels(std::string_view text) {
    return *Pattern::parse(text, '/', nullptr);
}

class MappingsInForceTest : public testing::Test {
  protected:
    ManualClock clock;
    Hub hub{{}, clock};
    MappingsInForce mappings{table("a", "one"), hub};
};

TEST_F(MappingsInForceTest, tellTheHubOfTheirGeneration) {
    HubSnapshot before, after;
    hub.snapshot(before);
    EXPECT_EQ(before.gen, table("a", "one")->generation());
    mappings.replace(table("a", "two"));
    hub.snapshot(after);
    EXPECT_EQ(after.gen, table("a", "two")->generation());
}

TEST_F(MappingsInForceTest, rememberWhatEarlierTablesFed) {
    const std::uint64_t version = mappings.version();
    mappings.replace(table("a", "two"));
    EXPECT_GT(mappings.version(), version);
    EXPECT_TRUE(mappings.mayFeed("in", "a", channels("one")));
    EXPECT_TRUE(mappings.mayFeed("in", "a", channels("two")));
    EXPECT_FALSE(mappings.mayFeed("in", channels("three")));
}

TEST_F(MappingsInForceTest, aHoldKeepsTheTable) {
    std::atomic<bool> replaced{false};
    std::thread replacing;
    {
        const auto hold = mappings.hold();
        replacing = std::thread{[&] {
            mappings.replace(table("a", "two"));
            replaced = true;
        }};
        EXPECT_EQ(hold.table()->rules()[0].channel.text(), "one");
        EXPECT_FALSE(replaced);
    }
    replacing.join();
    EXPECT_EQ(mappings.current()->rules()[0].channel.text(), "two");
}

TEST_F(MappingsInForceTest, countEventsByRule) {
    mappings.hold().count({3});
    EXPECT_EQ(mappings.eventsByRule(), std::vector<std::uint64_t>{3});
}

}  // namespace
}  // namespace sluice
