#include <gtest/gtest.h>

#include "delivery/SubscriptionTable.h"
#include "support/ManualClock.h"

namespace sluice::test {
namespace {

class SubscriptionTableTest : public testing::Test {
  protected:
    struct NoLoop final : Hub::Wakeable {
        void wake() noexcept override {}
    };

    SubscriptionState& obtain(std::vector<std::string> channels, std::string type = "") {
        SubscriptionSpec spec;
        spec.channels = std::move(channels);
        if (!type.empty()) spec.types = {type};
        SubscriptionState* const state = table.obtain(spec);
        EXPECT_TRUE(state);
        return *state;
    }
    void drop(SubscriptionState& state) {
        table.retire(state);
        table.sweep();
    }
    std::size_t readersOf(SubscriptionState& state, std::size_t channel) {
        return table.readersOf(*state.channels[channel].log).size();
    }
    void publish(std::string_view channel) {
        EventBatch batch;
        batch.beginMessage(kPlainLane, {});
        batch.addEvent(std::span{&channel, 1}, "", "", "x");
        hub.publish(batch);
    }

    ManualClock clock;
    Hub hub{{}, clock};
    NoLoop loop;
    SubscriptionTable table{hub, hub.addLoop(loop)};
};

TEST_F(SubscriptionTableTest, equalSpecsShareOneSubscription) {
    EXPECT_EQ(&obtain({"a", "b"}), &obtain({"a", "b"}));
    EXPECT_NE(&obtain({"a", "b"}), &obtain({"a"}));
    EXPECT_EQ(table.size(), 2u);
}

TEST_F(SubscriptionTableTest, readersLeaveInAnyOrder) {
    std::vector<SubscriptionState*> states;
    for (int i = 0; i < 6; ++i) states.push_back(&obtain({"a", "b"}, "t" + std::to_string(i)));
    SubscriptionState& stays = obtain({"b", "c"});
    for (const std::size_t i : {2u, 0u, 5u, 3u, 1u, 4u}) drop(*states[i]);
    EXPECT_EQ(readersOf(stays, 0), 1u);
    EXPECT_EQ(hub.counts().interests, 2u) << "nobody asks for a any more";
    drop(stays);
    EXPECT_EQ(hub.counts().interests, 0u);
}

TEST_F(SubscriptionTableTest, aRetiredSubscriptionMayComeBackBeforeTheSweep) {
    SubscriptionState& state = obtain({"a"});
    table.retire(state);
    state.subscribers = 1;
    table.sweep();
    EXPECT_EQ(&obtain({"a"}), &state);
    state.subscribers = 0;
    drop(state);
    EXPECT_EQ(table.size(), 0u);
}

TEST_F(SubscriptionTableTest, bornChannelsJoinWhereAPatternTakesThem) {
    SubscriptionState& orders = obtain({"orders/{x}"});
    SubscriptionState& all = obtain({"orders/eu", "{x**}"});
    publish("orders/eu");
    publish("news");
    LoopWork work;
    HubSnapshot snapshot;
    hub.collect(0, work, snapshot);
    for (ChannelLog* const log : work.born) table.join(*log, snapshot.horizon);
    const auto names = [](const SubscriptionState& state) {
        std::size_t found = 0;
        for (const auto& channel : state.channels)
            found += channel.log->name() == "orders/eu" || channel.log->name() == "news" ? 1 : 0;
        return found;
    };
    EXPECT_EQ(names(orders), 1u);
    EXPECT_EQ(names(all), 2u);
    drop(orders);
    drop(all);
    EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace sluice::test
