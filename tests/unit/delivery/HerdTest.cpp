#include <array>

#include <gtest/gtest.h>

#include "delivery/Herd.h"
#include "delivery/SubscriptionState.h"

namespace sluice {
namespace {

class HerdTest : public testing::Test {
  protected:
    static constexpr std::size_t kMembers = 5;

    HerdTest() {
        for (Subscriber& subscriber : subscribers_) herd_.add(subscriber);
    }

    void expectEverybodyKnowsHisPlace() const {
        for (std::size_t i = 0; i < herd_.members.size(); ++i)
            EXPECT_EQ(herd_.members[i]->herdIndex, i) << "of " << herd_.members.size();
    }

    SubscriptionState subscription_;
    Herd herd_{subscription_, Course{}};
    std::array<Subscriber, kMembers> subscribers_;
};

TEST_F(HerdTest, keepsPlacesWhoeverLeavesAtWhateverPointOfAWrite) {
    for (std::size_t unwritten = 0; unwritten <= kMembers; ++unwritten)
        for (std::size_t leaver = 0; leaver < kMembers; ++leaver) {
            herd_.unwritten = unwritten;
            herd_.remove(subscribers_[leaver]);
            EXPECT_EQ(herd_.members.size(), kMembers - 1);
            EXPECT_EQ(subscribers_[leaver].herd, nullptr);
            expectEverybodyKnowsHisPlace();

            herd_.members.clear();
            for (Subscriber& subscriber : subscribers_) herd_.add(subscriber);
        }
}

TEST_F(HerdTest, keepsApartWhoHasTheWriteAndWhoHasNot) {
    herd_.unwritten = 3;
    herd_.remove(subscribers_[0]);
    EXPECT_EQ(herd_.unwritten, 2u);
    const auto waits = [&](const Subscriber& subscriber) { return subscriber.herdIndex < 2; };
    EXPECT_TRUE(waits(subscribers_[1]) && waits(subscribers_[2]));
    EXPECT_FALSE(waits(subscribers_[3]) || waits(subscribers_[4]));

    herd_.remove(subscribers_[4]);
    EXPECT_EQ(herd_.unwritten, 2u);
}

}  // namespace
}  // namespace sluice
