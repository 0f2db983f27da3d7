#include <gtest/gtest.h>

#include "PayloadFixture.h"

namespace sluice {
namespace {

TEST(Paths, hasEachPathOnce) {
    Paths paths;
    const SlotId a = paths.add(stepsOf("a.b"));
    EXPECT_EQ(paths.add(stepsOf("a.c")), a + 1);
    EXPECT_EQ(paths.add(stepsOf("a.b")), a);
    EXPECT_EQ(paths.add(stepsOf("")), a + 2);
    EXPECT_EQ(paths.size(), 3u);
}

TEST(Paths, tellsAKeyFromAnIndexThatLooksLikeIt) {
    Paths paths;
    const cel::PathStep key{"0", 0, false}, index{"", 0, true};
    EXPECT_NE(paths.add({&key, 1}), paths.add({&index, 1}));
}

TEST(Paths, writesThemAsExpressionsDo) {
    Paths paths;
    EXPECT_EQ(paths.text(paths.add(stepsOf("a.b[3].c"))), "payload.a.b[3].c");
    EXPECT_EQ(paths.text(paths.add({})), "payload");
    const cel::PathStep odd{"it's a \\", 0, false};
    EXPECT_EQ(paths.text(paths.add({&odd, 1})), "payload['it\\'s a \\\\']");
}

TEST(PathTree, leadsToSlotsByKeysAndIndexes) {
    Paths paths;
    const SlotId name = paths.add(stepsOf("customer.name"));
    const SlotId second = paths.add(stepsOf("items[1]"));
    paths.add(stepsOf("unread"));
    const std::vector<SlotId> read{second, name, name};
    const PathTree tree{paths, read};
    EXPECT_EQ(tree.slots(), (std::vector<SlotId>{name, second}));
    const auto customer = tree.below(PathTree::kRoot, "customer");
    EXPECT_EQ(tree.slotAt(customer), kNoSlot);
    EXPECT_EQ(tree.slotAt(tree.below(customer, "name")), name);
    const auto items = tree.below(PathTree::kRoot, "items");
    EXPECT_EQ(tree.slotAt(tree.below(items, std::uint64_t{1})), second);
    EXPECT_EQ(tree.below(items, std::uint64_t{0}), PathTree::kNowhere);
    EXPECT_EQ(tree.below(PathTree::kRoot, "unread"), PathTree::kNowhere);
}

TEST(PathTree, findsKeysAmongMany) {
    Paths paths;
    std::vector<SlotId> slots;
    for (int i = 0; i < 300; ++i) slots.push_back(paths.add(stepsOf("k" + std::to_string(i))));
    const PathTree tree{paths, slots};
    for (int i = 0; i < 300; ++i) {
        const auto place = tree.below(PathTree::kRoot, "k" + std::to_string(i));
        ASSERT_NE(place, PathTree::kNowhere) << i;
        EXPECT_EQ(tree.slotAt(place), slots[static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(tree.below(PathTree::kRoot, "k300"), PathTree::kNowhere);
    EXPECT_EQ(tree.below(PathTree::kRoot, "x1"), PathTree::kNowhere);
}

TEST(PathTree, noArrayHasANegativeIndex) {
    Paths paths;
    const std::vector<SlotId> slots{paths.add(stepsOf("a[-1]"))};
    const PathTree tree{paths, slots};
    EXPECT_EQ(tree.slots().size(), 1u);
    EXPECT_EQ(tree.size(), 2u);
}

}  // namespace
}  // namespace sluice
