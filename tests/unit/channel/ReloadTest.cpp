#include "HubFixture.h"

/// Streams that catch up while other mappings come into force: resume.md, N8.
namespace sluice {
namespace {

/// A stream of channel `a` in the middle of catching up with lane `orders`, on a node that also has
/// read much of `stock`.
class ReloadTest : public HubTest {
  protected:
    void SetUp() override {
        origins_.feeds = {{"orders", "a"}, {"stock", "b"}};
        hub().remapped(1);
        orders_ = family("orders", kOrders, 1)[0];
        stock_ = family("stock", kStock, 1)[0];
        TestStream writer{hub(), origins_, channels({"a"})};
        const std::string id = writer.read()[0].id;
        for (std::uint64_t i = 0; i < 20; ++i) publish(orders_, i, "a");
        for (std::uint64_t i = 0; i < 50; ++i) publish(stock_, i, "b");
        start("nodebbbb");
        hub().remapped(1);
        orders_ = family("orders", kOrders, 1)[0];
        stock_ = family("stock", kStock, 1, {30, 0})[0];
        for (std::uint64_t i = 0; i < 20; ++i) publish(orders_, i, "a");
        for (std::uint64_t i = 30; i < 50; ++i) publish(stock_, i, "b");
        stream_ = std::make_unique<TestStream>(hub(), origins_, channels({"a"}));
        stream_->from(id);
        EXPECT_EQ(dataOf(read(stream_->turn(1).bytes)), numbers(0, 0));
        EXPECT_FALSE(stream_->stream().isLive());
    }
    /// Mappings that also put `stock` on channel `a`.
    void reload(std::uint16_t gen) {
        origins_.feeds["stock"] = "a";
        ++origins_.originsVersion;
        hub().remapped(gen);
    }

    static std::vector<std::string> numbers(int first, int last) {
        std::vector<std::string> all;
        for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
        return all;
    }

    LaneIndex orders_ = 0, stock_ = 0;
    std::unique_ptr<TestStream> stream_;
};

TEST_F(ReloadTest, whatNewMappingsAddIsReadFromTheReloadOn) {
    reload(2);
    publish(stock_, 50, "a");
    const std::vector<Seen> blocks = stream_->read();
    EXPECT_TRUE(gapsOf(blocks).empty());
    std::vector<std::string> expected = numbers(1, 19);
    expected.emplace_back("50");
    EXPECT_EQ(dataOf(blocks), expected);
    EXPECT_TRUE(stream_->stream().isLive());
}

TEST_F(ReloadTest, aGapOfAnotherSourceDoesNotNameWhatWasNeverOnTheChannel) {
    reload(2);
    age(std::chrono::hours{2});
    publish(stock_, 50, "a");
    const std::vector<Seen> blocks = stream_->read();
    const std::vector<property::ReadGap> gaps = gapsOf(blocks);
    ASSERT_EQ(gaps.size(), 1u);
    ASSERT_EQ(gaps[0].lanes.size(), 1u);
    EXPECT_EQ(gaps[0].lanes[0].name, "in:orders/0");
    EXPECT_EQ(dataOf(blocks), numbers(50, 50));
}

TEST_F(ReloadTest, severalReloadsBetweenTwoTurnsLoseNothing) {
    reload(2);
    publish(stock_, 50, "a");
    reload(3);
    publish(stock_, 51, "a");
    const std::vector<Seen> blocks = stream_->read();
    std::vector<std::string> expected = numbers(1, 19);
    expected.insert(expected.end(), {"50", "51"});
    EXPECT_EQ(dataOf(blocks), expected);
}

TEST_F(ReloadTest, aLaneBornBeforeTheReloadIsReadFromItsBeginning) {
    const LaneIndex born = hub().bearLane(0, 1, {});
    publish(born, 0, "a");
    reload(2);
    std::vector<std::string> expected = numbers(1, 19);
    expected.emplace_back("0");
    EXPECT_EQ(dataOf(stream_->read()), expected);
}

TEST_F(ReloadTest, aLaneThatWasResetAfterTheReloadIsReadFromItsNewBeginning) {
    reload(2);
    hub().reset(stock_, {});
    publish(stock_, 0, "a");
    std::vector<std::string> expected = numbers(1, 19);
    expected.emplace_back("0");
    EXPECT_EQ(dataOf(stream_->read()), expected);
}

TEST_F(ReloadTest, plainEventsThatNewMappingsAddAreToldNoGap) {
    origins_.plain = {"mqtt"};
    reload(2);
    publishPlain("a", "fresh");
    const std::vector<Seen> blocks = stream_->read();
    EXPECT_TRUE(gapsOf(blocks).empty());
    EXPECT_EQ(dataOf(blocks).back(), "fresh");
}

}  // namespace
}  // namespace sluice
