#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "journal/SharedRing.h"
#include "support/TempFolder.h"

namespace sluice {
namespace {

class SharedRingTest : public testing::Test {
  protected:
    static constexpr std::size_t kBytes = 8'192;

    std::filesystem::path file() const { return folder_.path() / "ring"; }
    static std::vector<std::string> readAll(const SharedRing& ring) {
        std::vector<std::string> all;
        std::uint64_t position = ring.begin();
        std::string_view frame;
        while (ring.read(position, frame)) all.emplace_back(frame);
        return all;
    }

    test::TempFolder folder_;
};

TEST_F(SharedRingTest, givesBackFramesInTheirOrder) {
    SharedRing ring{file(), kBytes, "me", 0};
    EXPECT_TRUE(ring.append("one"));
    EXPECT_TRUE(ring.append(""));
    EXPECT_TRUE(ring.append("three"));
    EXPECT_EQ(readAll(ring), (std::vector<std::string>{"one", "", "three"}));
}

TEST_F(SharedRingTest, goesRoundWithoutBreakingFrames) {
    SharedRing ring{file(), kBytes, "me", 16};
    for (std::size_t i = 0; i < 1'000; ++i) {
        const std::string frame(i % 3'000, static_cast<char>('a' + i % 26));
        ASSERT_TRUE(ring.append(frame));
        ASSERT_EQ(readAll(ring), std::vector<std::string>{frame});
        ring.drop(ring.end());
    }
}

TEST_F(SharedRingTest, takesNothingWhenItIsFull) {
    SharedRing ring{file(), kBytes, "me", 0};
    const std::string frame(1'000, 'x');
    std::size_t taken = 0;
    while (ring.append(frame)) ++taken;
    EXPECT_EQ(taken, kBytes / 1'016);
    EXPECT_EQ(readAll(ring).size(), taken);
    std::uint64_t position = ring.begin();
    std::string_view first;
    ASSERT_TRUE(ring.read(position, first));
    ring.drop(position);
    EXPECT_TRUE(ring.append(frame));
}

TEST_F(SharedRingTest, outlivesItsProcess) {
    {
        SharedRing ring{file(), kBytes, "me", 64};
        ring.append("kept");
        ring.setCut(true);
    }
    const SharedRing found{file(), "me"};
    EXPECT_EQ(readAll(found), std::vector<std::string>{"kept"});
    EXPECT_EQ(found.begin(), 64u);
    EXPECT_TRUE(found.isCut());
}

TEST_F(SharedRingTest, isNobodyElses) {
    SharedRing{file(), kBytes, "me", 0}.append("kept");
    EXPECT_THROW((SharedRing{file(), "you"}), std::runtime_error);
    EXPECT_THROW((SharedRing{folder_.path() / "none", "me"}), std::runtime_error);
    std::filesystem::resize_file(file(), 5'000);
    EXPECT_THROW((SharedRing{file(), "me"}), std::runtime_error);
}

TEST_F(SharedRingTest, saysWhereAFrameIsDamaged) {
    const std::vector<std::string> frames{"one", "the second", "3"};
    SharedRing ring{file(), kBytes, "me", 0};
    for (const std::string& frame : frames) ring.append(frame);
    const auto used = static_cast<std::streamoff>(ring.used());
    std::size_t whole = 0;
    for (std::streamoff i = 0; i < used; ++i) {
        std::fstream bytes{file(), std::ios::in | std::ios::out | std::ios::binary};
        const auto flip = [&] {
            bytes.seekg(4'096 + i);
            const auto byte = static_cast<char>(bytes.get() ^ 0x10);
            bytes.seekp(4'096 + i);
            bytes.put(byte).flush();
        };
        flip();
        const std::vector<std::string> read = readAll(ring);
        ASSERT_LE(read.size(), frames.size());
        for (std::size_t f = 0; f < read.size(); ++f) ASSERT_EQ(read[f], frames[f]) << i;
        whole += read.size() == frames.size() ? 1 : 0;
        flip();
    }
    EXPECT_LT(whole, 20u);  // only what fills up to 8 bytes is not looked at
}

}  // namespace
}  // namespace sluice
