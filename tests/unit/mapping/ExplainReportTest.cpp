#include <gtest/gtest.h>

#include "mapping/ExplainReport.h"

namespace sluice {
namespace {

class ExplainReports : public testing::Test {
  protected:
    ExplainReports() {
        MappingRule order;
        order.input = "shop";
        order.from = "orders.{region}";
        order.channel = "orders/{region}";
        order.event = "order";
        order.when = "payload.amount > 0 && payload.status != 'DRAFT'";
        order.mark = {"a.yaml", 5, 5};
        MappingRule other = order;
        other.from = "refunds";
        MappingOptions options;
        options.rules = {order, other};
        std::vector<MappingError> errors;
        table = MappingTable::compile(options, std::vector<MappingInput>{{"shop", '.'}}, errors);
    }

    ExplainReport report(std::string payload, std::string topic = "orders.eu") const {
        WrittenMessage message;
        message.input = "shop";
        message.topic = std::move(topic);
        message.key = "k";
        message.payload = std::move(payload);
        return explained(table, std::move(message));
    }

    std::shared_ptr<const MappingTable> table;
};

TEST_F(ExplainReports, showTheEventAsItIsSent) {
    EXPECT_EQ(report("{\"amount\":9,\r\n\"status\":\"PAID\"}").text(),
              R"(input shop, topic 'orders.eu', a payload of 30 bytes

mapping 1, from shop:orders.{region} (a.yaml:5:5)
  takes the topic: region = 'eu'
  when: payload.amount > 0 && payload.status != 'DRAFT'
    is true
    because payload.amount > 0 is true
      payload.amount = 9
    because payload.status != 'DRAFT' is true
      payload.status = 'PAID'
  => an event on channel 'orders/eu', key 'k':
     event: order
     data: {"amount":9,
     data: "status":"PAID"}
     (then `id: ...`, which depends on where it stands in the logs, and an empty line)

1 other mapping of this input: another topic

The message counts as mapped.
)");
}

TEST_F(ExplainReports, showWhatFilters) {
    const std::string text = report(R"({"amount":9,"status":"DRAFT"})").text();
    EXPECT_NE(text.find("    is false\n    because payload.status != 'DRAFT' is false\n"
                        "      payload.status = 'DRAFT'\n  => filtered\n"),
              std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with("The message counts as filtered.\n"));
}

TEST_F(ExplainReports, nameTheNearestMapping) {
    EXPECT_EQ(report("{}", "order.eu").text(),
              "input shop, topic 'order.eu', a payload of 2 bytes\n\n"
              "no mapping takes topic 'order.eu'; the nearest one takes 'orders.{region}' "
              "(a.yaml:5:5)\n\nThe message counts as unmatched.\n");
}

TEST_F(ExplainReports, areJsonForPrograms) {
    EXPECT_EQ(report(R"({"amount":"x","status":1})").json().compact(),
              R"({"input":"shop","topic":"orders.eu","fate":"rejected{bad-value}","mappings":[)"
              R"({"mapping":1,"place":"a.yaml:5:5","from":"shop:orders.{region}",)"
              R"("captures":{"region":"eu"},"when":{"text":"payload.amount > 0 && )"
              R"(payload.status != 'DRAFT'","value":"an error: `>` does not take string and int",)"
              R"("deciding":[{"text":"payload.amount > 0","value":"an error: `>` does not take )"
              R"(string and int","variables":{"payload.amount":"'x'"}}],"absorbed":[]},)"
              R"("fate":"rejected","reason":"bad-value","why":"when: payload.amount > 0 && )"
              R"(payload.status != 'DRAFT': `>` does not take string and int"}],"others":1})");
    const Json json = report(R"({"amount":1,"status":"PAID"})").json();
    const Json* const event = json.find("mappings")->items().at(0).find("event");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->textAt("lines"), "event: order\ndata: {\"amount\":1,\"status\":\"PAID\"}\n");
}

}  // namespace
}  // namespace sluice
