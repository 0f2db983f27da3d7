#include <atomic>
#include <stdexcept>

#include "support/Patience.h"
#include "unit/auth/Vectors.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::vectors;

class KeySourceTest : public testing::Test {
  protected:
    std::string read() {
        ++reads_;
        if (isDead_) throw std::runtime_error{"connection refused"};
        return std::string{vectors().textAt("jwks")};
    }

    ManualClock clock_;
    std::atomic<int> reads_{0};
    std::atomic<bool> isDead_{false};
    KeySource source_{"https://id.example", "http://id.example/jwks.json",
                      [this] { return read(); }, parseJwkSet, 10min};
    KeyRefresh refresh_{{&source_}, clock_};
};

TEST_F(KeySourceTest, keepsTheLastKeysOfADeadPlace) {
    EXPECT_FALSE(source_.keys());
    source_.refresh();
    ASSERT_TRUE(source_.keys());
    isDead_ = true;
    source_.refresh();
    EXPECT_EQ(source_.keys()->keys.size(), 6U);
    EXPECT_EQ(source_.pause(), KeySource::kFailingEvery);
    isDead_ = false;
    source_.refresh();
    EXPECT_EQ(source_.pause(), 10min);
}

TEST_F(KeySourceTest, isReadOnceForAFloodOfUnknownIds) {
    const auto first = refresh_.ask(source_);
    ASSERT_TRUE(first);
    refresh_.start();
    refresh_.wait(source_, *first, 10s * test::kPatience);
    const auto asked = refresh_.ask(source_);
    ASSERT_TRUE(asked) << "nobody asked before: the first read was due";
    refresh_.wait(source_, *asked, 10s * test::kPatience);
    EXPECT_EQ(reads_, 2);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(refresh_.ask(source_));
    EXPECT_EQ(reads_, 2);
    clock_.advance(KeyRefresh::kAskedEvery);
    const auto again = refresh_.ask(source_);
    ASSERT_TRUE(again);
    refresh_.wait(source_, *again, 10s * test::kPatience);
    EXPECT_EQ(reads_, 3);
}

TEST_F(KeySourceTest, endsWhileSomebodyWaits) {
    const auto read = refresh_.ask(source_);
    ASSERT_TRUE(read);
    std::thread waits{[&] { refresh_.wait(source_, *read, 10s * test::kPatience); }};
    refresh_.stop();
    waits.join();
    EXPECT_FALSE(refresh_.ask(source_));
}

}  // namespace
}  // namespace sluice
