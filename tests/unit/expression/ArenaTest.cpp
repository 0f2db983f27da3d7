#include <gtest/gtest.h>

#include "expression/Arena.h"
#include "expression/Json.h"

namespace sluice::cel {
namespace {

TEST(Arena, hasRoomForNothingAtAllFromItsBeginning) {
    Arena arena;
    EXPECT_NE(arena.array<Value>(0), nullptr);
    Arena unused;
    EXPECT_TRUE(parseJson("[]", unused).is(Kind::List));
}

TEST(Arena, keepsItsMemoryWhenReset) {
    Arena arena;
    for (int round = 0; round < 100; ++round) {
        arena.reset();
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(arena.array<char>(1'000));
    }
    EXPECT_LE(arena.bytesHeld(), 300'000u);
}

TEST(Arena, alignsAndRefusesBeyondItsBound) {
    Arena arena{1'000};
    ASSERT_TRUE(arena.array<char>(1));
    const auto* const number = arena.make<double>(1.5);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(number) % alignof(double), 0u);
    EXPECT_FALSE(arena.array<char>(2'000));
    EXPECT_FALSE(arena.array<double>(SIZE_MAX / 4));
    std::size_t count = 0;
    while (arena.array<char>(10)) ++count;
    EXPECT_GT(count, 80u);
    EXPECT_LE(count, 100u);
}

}  // namespace
}  // namespace sluice::cel
