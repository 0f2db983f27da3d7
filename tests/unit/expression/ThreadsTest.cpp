#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

/// Each thread has its own message and arena; the expression is everybody's.
TEST(Threads, evaluateOneExpressionAtTheSameTime) {
    const TestMessage scope{R"({"items": [1, 2, 3], "zone": "Asia/Tokyo", "time": 0})"};
    std::vector<Problem> problems;
    const auto expression = Expression::compile(
        "payload.items.map(i, string(i)).join('') + topic.replace('o', '0') + "
        "string(topic.matches('^[a-z]+$')) + string(topic.matches(topic)) + "
        "string(timestamp(payload.time).getHours('Europe/Berlin')) + "
        "string(timestamp(payload.time).getHours(payload.zone))",
        scope, problems);
    ASSERT_TRUE(expression);
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            Arena arena;
            for (int turn = 0; turn < 200; ++turn) {
                arena.reset();
                const Value value = expression->evaluate(scope, arena);
                if (value.is(Kind::String) && value.asString() == "1230rderstruetrue19") ++right;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace sluice::cel
