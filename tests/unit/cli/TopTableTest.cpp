#include <gtest/gtest.h>

#include "cli/TopTable.h"

namespace sluice::cli {
namespace {

NodeLook look(int received, int events, int second) {
    NodeLook look;
    const std::string count = std::to_string(received);
    look.inputs = *Json::parse(
        R"({"inputs":[{"name":"shop","plugin":"kafka","state":"connecting","text":"refused","lag":12345,)"
        R"("lost":0,"restarts":2,"messages":{"received":)" +
        count +
        R"(,"mapped":1234567,"filtered":0,"unmatched":0,"rejected":{"no-value":2,"not-json":3}}}]})");
    look.mappings = *Json::parse(
        R"({"mappings":[{"mapping":1,"input":"shop","from":"orders","channel":"orders","events":)" +
        std::to_string(events) + R"(,"samples":[{"reason":"not-json","text":"no JSON"}]}]})");
    look.channels = *Json::parse(
        R"({"channels":[{"name":"quiet","events":1,"bytes":5,"lastAppendMs":1000,"subscribed":false},)"
        R"({"name":"busy","events":2000,"bytes":3145728,"lastAppendMs":60000,"subscribed":true}]})");
    look.metrics = "# HELP sluice_messages_total x\nsluice_messages_total{input=\"a\"} " + count +
                   "\nsluice_messages_total{input=\"b\"} 1\nsluice_messages_total_not 7\n"
                   "sluice_subscribers 3\n";
    look.at = std::chrono::steady_clock::time_point{} + std::chrono::seconds{second};
    look.wallMs = 61'000;
    return look;
}

TEST(TopTable, addsUpTheSeriesOfAMetric) {
    EXPECT_EQ(totalOf(look(5, 0, 0).metrics, "sluice_messages_total"), 6);
    EXPECT_EQ(totalOf(look(5, 0, 0).metrics, "sluice_subscribers"), 3);
    EXPECT_EQ(totalOf("", "sluice_subscribers"), 0);
}

TEST(TopTable, showsWhatHappenedBetweenTwoLooks) {
    EXPECT_EQ(
        topText("http://here:9080", look(100, 10, 1), look(2'100, 13, 3), 5, 200),
        R"(http://here:9080: 1,000 received/s, 0 delivered/s, 3 readers, 0 channels, 0 B of history, 0 gaps told

INPUT  PLUGIN  STATE       MSG/S  BEHIND     MAPPED  FILTERED  UNMATCHED  REJECTED  LOST  RESTARTS  WHY
shop   kafka   connecting  1,000  12,345  1,234,567         0          0         5     0         2  refused

MAPPING  FROM         CHANNEL  EVENT/S  EVENTS  LAST REJECTED
      1  shop:orders  orders       1.5      13  no JSON

CHANNEL  EVENTS    BYTES  LAST EVENT  READERS
busy      2,000  3.0 MiB     1 s ago  yes
quiet         1      5 B    60 s ago  none
)");
}

TEST(TopTable, showsReadersThatAreBehind) {
    NodeLook now = look(0, 0, 2);
    now.subscribers = *Json::parse(
        R"({"open":1002,"subscribers":[{"stream":"0.1.0","address":"192.0.2.7","channels":["a","b"],)"
        R"("state":"straggling","lag":{"events":1500,"ms":65000},"ageMs":7300000},)"
        R"({"stream":"0.2.0","address":"192.0.2.8","subject":"ann","channels":["a"],)"
        R"("state":"resolving","lag":null,"ageMs":0}]})");
    const std::string text = topText("here", look(0, 0, 1), now, 5, 200);
    EXPECT_NE(text.find(R"(
READER     STATE       BEHIND  OLDEST WAITS  OPEN FOR  CHANNELS
192.0.2.7  straggling   1,500          65 s       2 h  a, b
ann        resolving                              0 s  a
and 1,000 readers more
)"),
              std::string::npos)
        << text;
    now.subscribers = *Json::parse(
        R"({"open":1,"subscribers":[{"stream":"0.1.0","address":"10.0.0.7","channels":["a"],)"
        R"("state":"live","lag":{"events":0,"ms":0},"ageMs":0}]})");
    EXPECT_NE(topText("here", look(0, 0, 1), now, 5, 200).find("\nREADER    STATE  "),
              std::string::npos)
        << "an address is no number";
}

TEST(TopTable, fitsTheTerminal) {
    const std::string text = topText("here", look(0, 0, 1), look(0, 0, 2), 1, 30);
    EXPECT_EQ(text.find("quiet"), std::string::npos);
    EXPECT_NE(text.find("and 1 channels more"), std::string::npos);
    EXPECT_NE(text.find("INPUT  PLUGIN  STATE       MSG\n"), std::string::npos) << text;
}

TEST(TopTable, countsNothingBackwards) {
    EXPECT_NE(topText("here", look(100, 10, 1), look(3, 1, 2), 5, 200).find("connecting      0"),
              std::string::npos)
        << "the node was started again";
}

}  // namespace
}  // namespace sluice::cli
