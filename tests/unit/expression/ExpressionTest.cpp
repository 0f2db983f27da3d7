#include <gtest/gtest.h>

#include "Evaluated.h"

namespace sluice::cel {
namespace {

TEST(Expression, evaluatesOverThePayload) {
    const TestMessage order{R"({"amount": 129.90, "status": "PAID", "items": [{"id": 7}]})"};
    EXPECT_EQ(evaluated("payload.amount > 0 && payload.status != 'DRAFT'", order), "true");
    EXPECT_EQ(evaluated("payload.amount < 0 || payload['status'] == 'DRAFT'", order), "false");
    EXPECT_EQ(evaluated("payload.items[0].id + 1", order), "8");
    EXPECT_EQ(evaluated("topic == 'orders' ? 1 : 2", order), "1");
}

TEST(Expression, tellsWhatIsMissing) {
    const TestMessage order{R"({"status": "PAID"})"};
    EXPECT_EQ(evaluated("payload.amount > 0", order),
              "error no-value: `payload.amount` is missing");
    EXPECT_EQ(evaluated("payload.amount > 0 || true", order), "true");
    EXPECT_EQ(evaluated("false && payload.amount > 0", order), "false");
    EXPECT_EQ(evaluated("payload.amount > 0 && false", order), "false");
    EXPECT_EQ(evaluated("default(payload.amount, 5)", order), "5");
    EXPECT_EQ(evaluated("has(payload.amount)", order), "false");
    EXPECT_EQ(evaluated("has(payload.status)", order), "true");
    EXPECT_EQ(evaluated("has(payload.customer.name)", order),
              "error no-value: `payload.customer` is missing");
    EXPECT_EQ(evaluated("has(payload.status.name)", order),
              "error no-overload: a value of type string has no field 'name'");
}

TEST(Expression, checksTypesBeforeAnythingRuns) {
    EXPECT_EQ(evaluated("payload.amount > 'x' + 1"), "22: `+` does not take string and int");
    EXPECT_EQ(evaluated("paylod.amount > 1"),
              "1: there is no variable `paylod`, did you mean 'payload'?");
    EXPECT_EQ(evaluated("topic.startWith('a')"),
              "7: there is no function `startWith`, did you mean 'startsWith'?");
    EXPECT_EQ(evaluated("topic > 1 && 1 + true"),
              "7: `>` does not take string and int; 16: `+` does not take int and bool");
}

}  // namespace
}  // namespace sluice::cel
