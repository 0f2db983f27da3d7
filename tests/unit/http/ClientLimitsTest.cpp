#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

#include "http/ClientLimits.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

LimitKey address(std::string_view text) {
    return LimitKey::ofAddress(text);
}

/// The n-th of many IPv4 addresses.
LimitKey numbered(std::uint32_t n) {
    const std::array<std::uint8_t, 4> bytes{10, static_cast<std::uint8_t>(n >> 16),
                                            static_cast<std::uint8_t>(n >> 8),
                                            static_cast<std::uint8_t>(n)};
    return LimitKey::ofAddress(IpAddress::ofV4(bytes.data()));
}

class ClientLimitsTest : public testing::Test {
  protected:
    bool mayPublish(const LimitKey& key, std::size_t events) {
        return limits().mayPublish(std::array{key}, events);
    }
    ClientLimits::Permit open(const LimitKey& key) { return limits().openStream(std::array{key}); }
    ClientLimits& limits() {
        if (!limits_) limits_ = std::make_unique<ClientLimits>(options_, clock_);
        return *limits_;
    }

    ManualClock clock_;
    ClientLimitOptions options_;

  private:
    std::unique_ptr<ClientLimits> limits_;
};

TEST_F(ClientLimitsTest, boundNothingThatNobodyAskedThemTo) {
    std::vector<ClientLimits::Permit> streams;
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_TRUE(limits().mayConnect(address("192.0.2.1")));
        EXPECT_TRUE(mayPublish(address("192.0.2.1"), 1'000));
        streams.push_back(open(address("192.0.2.1")));
        EXPECT_TRUE(streams.back());
    }
    EXPECT_EQ(limits().counts().clients, 0u);
}

TEST_F(ClientLimitsTest, countOpenStreamsByAddressAndBySubject) {
    options_.streamsPerAddress = 2;
    options_.streamsPerSubject = 1;
    auto first = open(address("192.0.2.1"));
    const auto second = open(address("192.0.2.1"));
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(open(address("192.0.2.1")));
    EXPECT_TRUE(open(address("192.0.2.2")));
    first.reset();
    EXPECT_TRUE(open(address("192.0.2.1")));

    const std::array both{address("192.0.2.9"), LimitKey::ofSubject("anna")};
    const auto held = limits().openStream(both);
    EXPECT_TRUE(held);
    EXPECT_FALSE(limits().openStream(std::array{address("192.0.2.8"), both[1]}));
    // The refused one is not counted at its address either.
    EXPECT_TRUE(limits().openStream(std::array{address("192.0.2.8"), LimitKey::ofSubject("b")}));
    EXPECT_EQ(limits().counts().streamsRefused, 2u);
}

TEST_F(ClientLimitsTest, takeA64OfIPv6ForOneClient) {
    options_.streamsPerAddress = 1;
    const auto held = open(address("2001:db8::1"));
    EXPECT_FALSE(open(address("2001:db8::ffff:1")));
    EXPECT_TRUE(open(address("2001:db8:0:1::1")));
    EXPECT_EQ(address("192.0.2.1"), address("::ffff:192.0.2.1"));
}

TEST_F(ClientLimitsTest, letASecondsWorthOfConnectionsThrough) {
    options_.connectsPerAddress = 10;
    int passed = 0;
    for (int i = 0; i < 100; ++i) passed += limits().mayConnect(address("192.0.2.1")) ? 1 : 0;
    EXPECT_EQ(passed, 10);
    clock_.advance(500ms);
    for (int i = 0; i < 100; ++i) passed += limits().mayConnect(address("192.0.2.1")) ? 1 : 0;
    EXPECT_EQ(passed, 15);
    EXPECT_TRUE(limits().mayConnect(address("192.0.2.2")));
}

TEST_F(ClientLimitsTest, payABatchOffThatIsLargerThanASecondsWorth) {
    options_.publishesPerAddress = 10;
    EXPECT_TRUE(mayPublish(address("192.0.2.1"), 100));
    EXPECT_FALSE(mayPublish(address("192.0.2.1"), 1));
    clock_.advance(9s);
    EXPECT_FALSE(mayPublish(address("192.0.2.1"), 1));
    clock_.advance(200ms);
    EXPECT_TRUE(mayPublish(address("192.0.2.1"), 1));
}

TEST_F(ClientLimitsTest, slowDownWhoGuessesAndThenRefuseForAWhile) {
    options_.failuresSlow = 2;
    options_.failuresMax = 5;
    options_.failuresTime = 10s;
    const LimitKey guesser = address("192.0.2.1");
    EXPECT_FALSE(limits().failed(guesser));
    EXPECT_FALSE(limits().failed(guesser));
    EXPECT_TRUE(limits().failed(guesser));
    EXPECT_FALSE(limits().isRefused(guesser));
    limits().failed(guesser);
    limits().failed(guesser);
    EXPECT_TRUE(limits().isRefused(guesser));
    EXPECT_FALSE(limits().isRefused(address("192.0.2.2")));
    clock_.advance(10s);
    EXPECT_FALSE(limits().isRefused(guesser));
    EXPECT_TRUE(limits().failed(guesser));  // not forgotten yet
    clock_.advance(60s);
    EXPECT_FALSE(limits().failed(guesser));
}

TEST_F(ClientLimitsTest, rememberSoManyClientsInSoMuchMemory) {
    options_.connectsPerAddress = 10;
    limits();
    const auto used = [] { return static_cast<std::size_t>(::mallinfo2().uordblks); };
    const std::size_t before = used();
    for (std::uint32_t i = 0; i < 300'000; ++i) limits().mayConnect(numbered(i));
    EXPECT_EQ(limits().counts().clients, options_.clientsMax);
    EXPECT_EQ(limits().counts().forgotten, 300'000 - options_.clientsMax);
    const std::size_t after = used();
    // A sanitizer's allocator tells nothing here: 0.
    EXPECT_LE(after - before, options_.clientsMax * ClientLimits::kClientBytes);
}

TEST_F(ClientLimitsTest, forgetTheOneThatWasIdleLongestAndNoneThatHasStreams) {
    options_.streamsPerAddress = 1;
    options_.connectsPerAddress = 1;
    options_.clientsMax = 2;
    const auto held = open(numbered(1));
    limits().mayConnect(numbered(2));
    limits().mayConnect(numbered(3));  // in the place of 2
    EXPECT_FALSE(open(numbered(1)));
    EXPECT_FALSE(limits().mayConnect(numbered(3)));
    EXPECT_TRUE(limits().mayConnect(numbered(2)));
    const auto other = open(numbered(4));
    // Both have streams now: who comes is not bounded, and that is counted.
    EXPECT_TRUE(limits().mayConnect(numbered(5)));
    EXPECT_TRUE(limits().mayConnect(numbered(5)));
    EXPECT_EQ(limits().counts().unbounded, 2u);
}

}  // namespace
}  // namespace sluice
