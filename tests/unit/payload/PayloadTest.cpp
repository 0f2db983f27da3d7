#include "PayloadFixture.h"
#include "expression/Json.h"

namespace sluice {
namespace {

using cel::Kind;

constexpr std::string_view kOrder =
    R"( {"id": "o1" , "amount": 129.90, "paid":true,"note":null,
        "customer": {"name": "Ann", "address": {"city" : "Bonn"} },
        "items": [ {"sku":"a","qty":1}, {"sku":"b","qty":2} ] } )";

TEST_F(PayloadTest, findsValuesInAnyOrderInOnePass) {
    EXPECT_EQ(found(kOrder, {"note", "amount", "id", "paid", "customer.name", "items[1].sku"}),
              R"(null 129.90 "o1" true "Ann" "b")");
}

TEST_F(PayloadTest, findsObjectsAndListsWithWhatIsInThem) {
    EXPECT_EQ(found(kOrder, {"customer", "customer.address.city", "items[0]", "items"}),
              R"({"name": "Ann", "address": {"city" : "Bonn"} } "Bonn" {"sku":"a","qty":1} )"
              R"([ {"sku":"a","qty":1}, {"sku":"b","qty":2} ])");
}

TEST_F(PayloadTest, theEmptyPathIsTheWholeDocument) {
    EXPECT_EQ(found(" [1, 2] ", {""}), "[1, 2]");
    EXPECT_EQ(found(" [1, 2] ", {"", "[1]"}), "[1, 2] 2");
    EXPECT_EQ(found(" 42\n", {""}), "42");
    EXPECT_EQ(found("\"x\"", {"", "a"}), "\"x\" -");
}

TEST_F(PayloadTest, whatIsNotThereIsAbsent) {
    EXPECT_EQ(found(kOrder, {"x", "id.x", "customer.x", "customer[0]", "items.sku", "items[2]",
                             "items[-1]", "amount.x"}),
              "- - - - - - - -");
    EXPECT_EQ(found("{}", {"a"}), "-");
    EXPECT_EQ(found("[]", {"[0]", "a"}), "- -");
}

TEST_F(PayloadTest, forgetsTheMessageBefore) {
    EXPECT_EQ(found(R"({"a":1,"b":2})", {"a", "b"}), "1 2");
    EXPECT_EQ(found(R"({"b":3})", {"a", "b"}), "- 3");
    EXPECT_EQ(found("", {"a"}), "broken: it is empty");
    EXPECT_FALSE(payload.has(0));
}

TEST_F(PayloadTest, decodesWithTheTextThatWasSent) {
    found(kOrder, {"amount", "customer", "paid"});
    const cel::Value amount = payload.value(0, arena);
    EXPECT_EQ(amount.kind(), Kind::Double);
    EXPECT_EQ(amount.json(), "129.90");
    const cel::Value customer = payload.value(1, arena);
    ASSERT_EQ(customer.kind(), Kind::Map);
    EXPECT_EQ(customer.asMap().find("name")->asString(), "Ann");
    EXPECT_EQ(customer.asMap().find("address")->json(), R"({"city" : "Bonn"})");
    EXPECT_TRUE(payload.value(2, arena).isTrue());
}

TEST_F(PayloadTest, decodesAValueOnce) {
    found(R"({"a":[1,2]})", {"a"});
    const cel::Value first = payload.value(0, arena);
    EXPECT_EQ(&payload.value(0, arena).asList(), &first.asList());
}

TEST_F(PayloadTest, tellsKindsAsDecodingWould) {
    const std::vector<std::string> paths{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    found(R"({"a":1,"b":18446744073709551615,"c":1.0,"d":"x","e":true,"f":null,"g":[],"h":{},
              "i":99999999999999999999})",
          paths);
    const std::vector<Kind> kinds{Kind::Int,  Kind::Uint, Kind::Double, Kind::String, Kind::Bool,
                                  Kind::Null, Kind::List, Kind::Map,    Kind::Double, Kind::Error};
    for (SlotId slot = 0; slot < kinds.size(); ++slot) {
        EXPECT_EQ(payload.kind(slot), kinds[slot]) << slot;
        EXPECT_EQ(payload.value(slot, arena).kind(), kinds[slot]) << slot;
        EXPECT_EQ(payload.kind(slot), kinds[slot]) << slot << " decoded";
    }
}

TEST_F(PayloadTest, readsSlotsOfSeveralTreesInTurn) {
    Paths paths;
    const SlotId a = paths.add(stepsOf("a")), b = paths.add(stepsOf("b"));
    const PathTree ofA{paths, std::vector{a}}, ofB{paths, std::vector{b}};
    ASSERT_TRUE(payload.load(R"({"a":1,"b":2})", ofA));
    EXPECT_EQ(payload.raw(a), "1");
    ASSERT_TRUE(payload.load(R"({"b":3})", ofB));
    EXPECT_EQ(payload.raw(b), "3");
    ASSERT_TRUE(payload.load(R"({"b":3})", ofA));
    EXPECT_EQ(payload.raw(a), std::nullopt);
}

}  // namespace
}  // namespace sluice
