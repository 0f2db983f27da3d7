#include <gtest/gtest.h>

#include "Requests.h"
#include "console/ExplainHandler.h"
#include "settings/Settings.h"

namespace sluice {
namespace {

class ExplainHandlerTest : public testing::Test {
  protected:
    ExplainHandlerTest() {
        InputOptions shop;
        shop.name = "shop";
        shop.plugin = "kafka";
        inForce.inputs = {shop};
        inForce.mappingInputs = {{"shop", '.'}, {"http", '/'}};
        const LoadResult file = loadMappings(
            "a.yaml", "mappings: [{from: shop:orders, channel: orders}]\n", {}, {shop});
        std::vector<MappingError> errors;
        inForce.table =
            MappingTable::compile(file.settings.mappings, inForce.mappingInputs, errors);
    }
    HttpResponse post(const std::string& body, const std::string& fields = "") {
        ExplainHandler handler{[this] { return inForce; }};
        test::PairConnection connection;
        return *handler.handle(test::request("POST", "/explain", fields, body), connection);
    }
    static std::string with(const std::string& yaml) {
        Json body = Json::object();
        body.set("message", *Json::parse(R"({"topic": "orders", "payload": {"amount": 9}})"));
        body.set("mappings", yaml);
        return body.compact();
    }

    ExplainHandler::InForce inForce;
};

TEST_F(ExplainHandlerTest, saysWhatTheMappingsInForceMake) {
    const HttpResponse response = post(R"({"message": {"topic": "orders", "payload": "x"}})");
    EXPECT_EQ(response.status, 200) << response.body;
    const Json answer = *Json::parse(response.body);
    EXPECT_EQ(answer.textAt("fate"), "mapped");
    EXPECT_EQ(answer.find("mappings")->items()[0].find("event")->textAt("data"), "x");
}

TEST_F(ExplainHandlerTest, triesOthersWithoutChangingAnything) {
    for (const std::string key : {"", "mappings:\n"}) {
        const HttpResponse response =
            post(with(key + "- {from: shop:orders, channel: tried, data: '{payload.amount}'}\n"));
        EXPECT_EQ(response.status, 200) << response.body;
        const Json event = *Json::parse(response.body)->find("mappings")->items()[0].find("event");
        EXPECT_EQ(event.textAt("channel"), "tried");
        EXPECT_EQ(event.textAt("data"), "9");
    }
    EXPECT_EQ(inForce.table->rules().front().channel.text(), "orders");
}

TEST_F(ExplainHandlerTest, saysWhatIsWrongWithTheMappings) {
    const HttpResponse response = post(with("- {from: shop:orders, channel: '{payload.}'}\n"));
    EXPECT_EQ(response.status, 422);
    const Json answer = *Json::parse(response.body);
    const Json& problem = answer.find("problems")->items()[0];
    EXPECT_EQ(problem.find("line")->text(), "2");
    EXPECT_EQ(problem.textAt("severity"), "error");
}

TEST_F(ExplainHandlerTest, readsNoVariableAndNoFile) {
    for (const std::string secret : {"${HOME}", "${file:/etc/hostname}",
                                     "\\x24{file:/etc/hostname}", "${file:/etc/hostname:-x}"}) {
        const HttpResponse response =
            post(with("- {from: shop:orders, channel: \"a-" + secret + "\"}\n"));
        EXPECT_EQ(response.status, 422) << response.body;
    }
}

TEST_F(ExplainHandlerTest, refusesWhatItCannotRead) {
    EXPECT_EQ(post("no json").status, 400);
    EXPECT_EQ(post("{}").status, 400);
    const HttpResponse noInput = post(R"({"message": {"input": "shp", "topic": "t"}})");
    EXPECT_EQ(noInput.status, 400);
    EXPECT_NE(noInput.body.find("did you mean"), std::string::npos) << noInput.body;
    EXPECT_EQ(post(with(std::string(ExplainHandler::kYamlBytesMax + 1, '#'))).status, 413);
    EXPECT_EQ(post(with(""), "Origin: https://evil.example\r\n").status, 403);
}

}  // namespace
}  // namespace sluice
