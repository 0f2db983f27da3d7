#include <gtest/gtest.h>

#include "Requests.h"
#include "base/Clock.h"
#include "base/Json.h"
#include "console/TapHandler.h"
#include "mapping/Mapper.h"

namespace sluice {
namespace {

class TapHandlerTest : public testing::Test {
  protected:
    TapHandlerTest() {
        MappingRule rule;
        rule.input = "shop";
        rule.from = "orders";
        rule.channel = "orders";
        rule.when = "payload.card != ''";
        rule.redact = {"payload.card"};
        MappingOptions options;
        options.rules = {rule};
        std::vector<MappingError> errors;
        table = MappingTable::compile(options, std::vector<MappingInput>{{"shop", '.'}}, errors);
    }
    HttpResponse ask(const std::string& query) {
        TapHandler handler{tap, [this] { return table; }, clock};
        test::PairConnection connection;
        return *handler.handle(test::request("GET", "/tap?" + query), connection);
    }
    void receive(const std::string& payload) {
        Mapper mapper{table, "shop"};
        EventBatch batch;
        MapOutcome outcome;
        Message message;
        message.topic = "orders";
        message.payload = payload;
        mapper.map(message, batch, outcome);
        tap.see("shop", message, batch, 0, clock.wallMs());
    }

    SystemClock clock;
    LiveTap tap;
    std::shared_ptr<const MappingTable> table;
};

TEST_F(TapHandlerTest, showsMessagesAndWhatBecameOfThem) {
    EXPECT_EQ(ask("channel=orders").body, "{\"next\":0,\"passedOver\":0,\"messages\":[]}\n");
    receive(R"({"card": "4111", "amount": 9})");
    const Json answer = *Json::parse(ask("channel=orders&after=0").body);
    ASSERT_EQ(answer.find("messages")->items().size(), 1u);
    const Json& one = answer.find("messages")->items()[0];
    EXPECT_EQ(one.find("message")->textAt("topic"), "orders");
    EXPECT_EQ(one.find("explained")->textAt("fate"), "mapped");
    EXPECT_EQ(answer.find("next")->text(), "1");
}

TEST_F(TapHandlerTest, showsNothingThatAMappingHides) {
    ask("input=shop");
    receive(R"({"card": "4111", "amount": 9})");
    receive("no json, but 4111");
    const std::string body = ask("input=shop").body;
    EXPECT_EQ(body.find("4111"), std::string::npos) << body;
    EXPECT_NE(body.find(R"(\"amount\": 9)"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("redacted":true)"), std::string::npos) << body;
}

TEST_F(TapHandlerTest, refusesWhatItCannotRead) {
    EXPECT_EQ(ask("after=x").status, 400);
    EXPECT_EQ(ask("after=%zz").status, 400);
    for (std::size_t n = 0; n < LiveTap::kLooksMax; ++n) ask("input=" + std::to_string(n));
    EXPECT_EQ(ask("input=more").status, 503);
}

}  // namespace
}  // namespace sluice
