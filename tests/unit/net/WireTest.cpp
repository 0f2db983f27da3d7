#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/Epoll.h"
#include "net/Wire.h"

namespace sluice {
namespace {

struct Pair {
    Fd ours, theirs;
    Pair() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
};

TEST(PlainWire, takesWhatFitsThenSaysAgain) {
    Pair pair;
    PlainWire wire{std::move(pair.ours)};
    const std::string block(64 * 1024, 'x');
    WriteResult result;
    while ((result = wire.write(block.data(), block.size())).state == WriteResult::State::Ok)
        EXPECT_EQ(result.taken, block.size());
    EXPECT_EQ(result.state, WriteResult::State::Again);
    EXPECT_LT(result.taken, block.size());
}

TEST(PlainWire, saysClosedWithoutASignalWhenThePeerIsGone) {
    Pair pair;
    PlainWire wire{std::move(pair.ours)};
    pair.theirs.reset();
    EXPECT_EQ(wire.write("x", 1).state, WriteResult::State::Closed);
}

TEST(PlainWire, closesItsSocketWhenItGoes) {
    Pair pair;
    { const PlainWire wire{std::move(pair.ours)}; }
    char byte = 0;
    EXPECT_EQ(::recv(pair.theirs.get(), &byte, 1, 0), 0);
}

TEST(Epoll, givesTheTagOfWhatIsReady) {
    Pair pair;
    Epoll epoll;
    epoll.add(pair.ours.get(), Epoll::kRead, 42);
    EXPECT_TRUE(epoll.wait(0).empty());
    EXPECT_EQ(::send(pair.theirs.get(), "x", 1, 0), 1);
    const auto ready = epoll.wait(1'000);
    ASSERT_EQ(ready.size(), 1u);
    EXPECT_EQ(ready[0].data.u64, 42u);
}

TEST(Wakeup, mergesWakesAndClears) {
    Wakeup wakeup;
    Epoll epoll;
    epoll.add(wakeup.fd(), Epoll::kRead, 1);
    wakeup.wake();
    wakeup.wake();
    EXPECT_EQ(epoll.wait(1'000).size(), 1u);
    wakeup.clear();
    EXPECT_TRUE(epoll.wait(0).empty());
}

}  // namespace
}  // namespace sluice
