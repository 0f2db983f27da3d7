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

}  // namespace
}  // namespace sluice::cel
