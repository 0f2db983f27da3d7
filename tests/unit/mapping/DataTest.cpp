#include "MapperFixture.h"

namespace sluice {
namespace {

DataText scalar(std::string text, bool isPlain = false) {
    return {DataText::Kind::Scalar, std::move(text), isPlain, {}, {}};
}

DataText list(std::vector<DataText> items) {
    return {DataText::Kind::List, {}, false, {}, std::move(items)};
}

class DataTest : public MappingTest {
  protected:
    /// The data that a payload gives, or its fate.
    std::string made(const DataText& data, std::optional<std::string_view> payload,
                     PayloadFormat format = PayloadFormat::Json) {
        MappingRule rule = ruleOf();
        rule.data = data;
        use({rule}, format);
        map(payload, "k");
        return fate() == "mapped" ? this->data() : fate();
    }
};

TEST_F(DataTest, projectsFieldsWithTheirTypesAndTexts) {
    const auto data = fields({{"id", "{payload.orderId}"},
                              {"total", "{payload.amount}"},
                              {"who", "{payload.customer.name} of {topic}"},
                              {"net", "{payload.amount * 2}"},
                              {"items", "{payload.items}"}});
    EXPECT_EQ(
        made(data, R"({"orderId":"o1","amount":129.90,"customer":{"name":"A\"n"},
                             "items":[ 1, {"a" : 2} ],"x":1})"),
        R"({"id":"o1","total":129.90,"who":"A\"n of t","net":259.8,"items":[ 1, {"a" : 2} ]})");
}

TEST_F(DataTest, numbersOfAnySizeKeepTheirText) {
    const auto data = fields({{"a", "{payload.a}"}, {"b", "{payload.b}"}});
    EXPECT_EQ(made(data, R"({"a":123456789012345678901234567890,"b":1E400})"),
              R"({"a":123456789012345678901234567890,"b":1E400})");
    EXPECT_EQ(made(fields({{"a", "{payload.a + 1}"}}), R"({"a":9007199254740992})"),
              R"({"a":9007199254740993})");
}

TEST_F(DataTest, plainScalarsHaveTheirTypeAndQuotedOnesAreTexts) {
    DataText data = fields({{"a", "1"}, {"b", "true"}, {"c", ""}, {"d", "x"}});
    EXPECT_EQ(made(data, "{}"), R"({"a":"1","b":"true","c":"","d":"x"})");
    for (DataText& item : data.items) item.isPlain = true;
    EXPECT_EQ(made(data, "{}"), R"({"a":1,"b":true,"c":null,"d":"x"})");
}

TEST_F(DataTest, structuresNest) {
    DataText inner = fields({{"k\"", "{payload.a}"}});
    DataText data = fields({{"x", "y"}});
    data.keys.push_back("l");
    data.items.push_back(list({inner, list({}), scalar("{payload.b}"), fields({})}));
    EXPECT_EQ(made(data, R"({"a":1,"b":2})"), R"({"x":"y","l":[{"k\"":1},[],2,{}]})");
}

TEST_F(DataTest, leavesOutWhatIsMissingAndCountsIt) {
    DataText data = fields({{"a", "{payload.a}"},
                            {"b", "{payload.b}"},
                            {"c", "x {payload.c}"},
                            {"d", "{1 / payload.d}"}});
    data.keys.push_back("l");
    data.items.push_back(list({scalar("{payload.a}"), scalar("{payload.b}")}));
    EXPECT_EQ(made(data, R"({"b":1,"d":0})"), R"({"b":1,"l":[1]})");
    EXPECT_EQ(leftOut(Rejection::NoValue), 3u);
    EXPECT_EQ(leftOut(Rejection::BadValue), 1u);
    EXPECT_EQ(outcome.notes, Strings{"left out of data: topic 't', mapping 't' (a.yaml:7:5): "
                                     "data: payload.a has no value"});
    EXPECT_EQ(made(data, R"({"a":null,"b":1,"c":"","d":2})"),
              R"({"a":null,"b":1,"c":"x ","d":0,"l":[null,1]})");
}

TEST_F(DataTest, aScalarAloneIsText) {
    EXPECT_EQ(made(scalar("{payload.a} of {topic}"), R"({"a":1})"), "1 of t");
    EXPECT_EQ(made(scalar("{payload.a}"), R"({"a":"text"})"), "text");
    EXPECT_EQ(made(scalar("{payload.a}"), R"({"a":{"b": 1.0}})"), R"({"b": 1.0})");
    EXPECT_EQ(made(scalar("{payload.a}"), "{}"), "rejected{no-value}");
    EXPECT_EQ(made(scalar("fixed"), "{}"), "fixed");
    EXPECT_EQ(made(scalar("5", true), "{}"), "5");
    EXPECT_EQ(made(scalar("{payload}"), "\xff\n", PayloadFormat::Raw), "/wo=");
}

TEST_F(DataTest, lineBreaksInTextBecomeLines) {
    EXPECT_EQ(made(scalar("{payload.a}"), R"({"a":"x\ny"})"), "x\ny");
    EXPECT_EQ(made(fields({{"a", "{payload.a}"}}), R"({"a":"x\ny"})"), R"({"a":"x\ny"})");
}

TEST_F(DataTest, brokenJsonNeverReachesAnEvent) {
    const auto data = fields({{"a", "{payload.a}"}});
    for (const char* payload : {R"({"a":{"b":tru}})", R"({"a":tru})", R"({"a":"\q"})",
                                R"({"a":01})", R"({"a":1}})", "no", ""})
        EXPECT_EQ(made(data, payload), "rejected{not-json}") << payload;
    EXPECT_EQ(made(fields({{"a", "{default(payload.a.b, 1)}"}}), R"({"a":{"b":tru}})"),
              "rejected{not-json}");
}

TEST_F(DataTest, otherKindsOfValuesAreJsonToo) {
    EXPECT_EQ(made(fields({{"a", "{payload.a == null}"},
                           {"b", "{[1, 'x']}"},
                           {"c", "{key}"},
                           {"d", "{b'abc'}"}}),
                   R"({"a":null})"),
              R"({"a":true,"b":[1,"x"],"c":"k","d":"YWJj"})");
}

TEST_F(DataTest, valuesInsideOfComputedOnesKeepTheirText) {
    EXPECT_EQ(made(fields({{"a", "{payload.items.filter(i, i.p > 1)}"}}),
                   R"({"items":[{"p":1.00},{"p" : 2.50}]})"),
              R"({"a":[{"p" : 2.50}]})");
}

TEST_F(DataTest, whatGrowsBeyondTwiceTheBoundIsRejected) {
    MappingRule rule = ruleOf();
    rule.data = list(std::vector<DataText>(5, scalar("{payload.a}")));
    use({rule}, PayloadFormat::Json, 100);
    map("{\"a\":\"" + std::string(30, 'x') + "\"}");
    EXPECT_EQ(fate(), "mapped");
    map("{\"a\":\"" + std::string(60, 'x') + "\"}");
    EXPECT_EQ(fate(), "rejected{too-large}");
}

TEST(PlainScalar, isReadByYamlsCoreSchema) {
    const std::vector<std::pair<std::string, std::string>> scalars{
        {"1", "1"},       {"-0", "-0"},     {"+7", "7"},      {"0123", "123"},
        {"0x1F", "31"},   {"0o17", "15"},   {"1.50", "1.50"}, {".5", "0.5"},
        {"5.", "5.0"},    {"-1e3", "-1e3"}, {"1E+5", "1E+5"}, {"~", "null"},
        {"Null", "null"}, {"", "null"},     {"TRUE", "true"}, {"False", "false"}};
    for (const auto& [text, json] : scalars) EXPECT_EQ(jsonOfPlainScalar(text), json) << text;
    for (const char* text : {"yes", "no", "1_000", "0x", "0xg", "1e", ".", "-", "1.2.3", "12ms",
                             "nUll", "0o8", "1 2", "+", "e3", ".inf"})
        EXPECT_EQ(jsonOfPlainScalar(text), std::nullopt) << text;
    EXPECT_TRUE(isBeyondJson("-.Inf") && isBeyondJson(".nan") && !isBeyondJson("inf"));
}

}  // namespace
}  // namespace sluice
