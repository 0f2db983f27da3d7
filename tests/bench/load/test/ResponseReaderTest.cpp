#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ResponseReader.h"

namespace sluice::bench {
namespace {

class Collector final : public SseSink {
  public:
    void onEvent(const SseEvent& event) override {
        events.push_back(std::string(event.type) + "|" + std::string(event.dataHead));
    }
    std::vector<std::string> events;
};

const std::string kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& text) {
    constexpr const char* kDigits = "0123456789abcdef";
    return std::string{kDigits[text.size() / 16], kDigits[text.size() % 16]} + "\r\n" + text +
           "\r\n";
}

const std::string kStream = kHead +
                            chunk("retry: 2000\nevent: sluice.open\ndata: {}\nid: 1.a\n\n") +
                            chunk(": comment\n\n") + chunk("data: one\nid: 1.b\n\ndata: tw") +
                            chunk("o\r\nid: 1.c\r\n\r\n") + chunk("id: 1.d\n\n") + "0\r\n\r\n";
const std::vector<std::string> kEvents = {"sluice.open|{}", "|one", "|two"};

TEST(ResponseReader, readsTheSameWhereverItIsCut) {
    for (std::size_t cut = 0; cut <= kStream.size(); ++cut) {
        ResponseReader reader;
        Collector collector;
        ASSERT_TRUE(reader.feed(std::string_view(kStream).substr(0, cut), collector));
        ASSERT_TRUE(reader.feed(std::string_view(kStream).substr(cut), collector));
        EXPECT_EQ(collector.events, kEvents) << "cut at " << cut;
        EXPECT_EQ(reader.lastId(), "1.d");
        EXPECT_TRUE(reader.ended());
    }
}

TEST(ResponseReader, readsAStreamThatIsEndedByTheConnection) {
    ResponseReader reader;
    Collector collector;
    ASSERT_TRUE(
        reader.feed("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
                    "\r\ndata: one\n\n",
                    collector));
    EXPECT_EQ(collector.events, std::vector<std::string>{"|one"});
    EXPECT_FALSE(reader.ended());
}

TEST(ResponseReader, keepsTheIdOfTheLastWholeBlockOverConnections) {
    ResponseReader reader;
    Collector collector;
    ASSERT_TRUE(reader.feed(kHead + chunk("data: one\nid: 1.b\n\n") + "12\r\ndata: two\nid: 1.c\n",
                            collector));
    reader.reset();
    EXPECT_EQ(reader.lastId(), "1.b");
    ASSERT_TRUE(reader.feed(kHead + chunk("data: three\n\n"), collector));
    EXPECT_EQ(reader.lastId(), "1.b");
    EXPECT_EQ(collector.events.back(), "|three");
}

TEST(ResponseReader, refusesWhatIsNoEventStream) {
    for (const char* head : {"HTTP/1.1 503 Service Unavailable\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"}) {
        ResponseReader reader;
        Collector collector;
        EXPECT_FALSE(reader.feed(head, collector));
        EXPECT_STRNE(reader.problem(), "");
    }
}

TEST(ResponseReader, refusesBrokenChunks) {
    for (const char* body : {"zz\r\n", "\r\n", "3\r\nabcX", "123456789\r\n"}) {
        ResponseReader reader;
        Collector collector;
        EXPECT_FALSE(reader.feed(kHead + body, collector)) << body;
    }
}

}  // namespace
}  // namespace sluice::bench
