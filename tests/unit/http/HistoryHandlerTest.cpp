#include <Poco/JSON/Parser.h>

#include "Requests.h"
#include "channel/Hub.h"
#include "http/HistoryHandler.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

class PlainOrigins final : public Origins {
  public:
    std::uint64_t version() const noexcept override { return 1; }
    bool mayFeed(const Family&, const Pattern&) const override { return true; }
    std::vector<std::string> plainInputs(const Pattern&) const override { return {"test"}; }
    void query(const std::vector<std::uint32_t>&, std::function<void(SourceEnds)>) override {}
};

using Texts = std::vector<std::string>;

struct Page {
    HttpResponse response;
    Texts events, gaps;
    std::string id, next;  // next: empty for null
    bool evicted = false, complete = false;
    std::string cache() const { return test::field(response, "Cache-Control"); }
    std::string tag() const { return test::field(response, "ETag"); }
};

constexpr const char* kForEver = "public, max-age=31536000, immutable";

class HistoryHandlerTest : public testing::Test {
  protected:
    HttpResponse ask(std::string_view target, std::string_view fields = {}) {
        test::PairConnection connection;
        const auto response =
            handler_.handle(test::request("GET", target, fields), Caller::anybody(), connection);
        EXPECT_TRUE(response && !connection.wasTaken());
        return response.value_or(HttpResponse{});
    }
    Page get(std::string_view target) {
        Page page;
        page.response = ask(target);
        EXPECT_EQ(page.response.status, 200) << page.response.body;
        const auto json = Poco::JSON::Parser{}.parse(page.response.body);
        const auto& object = *json.extract<Poco::JSON::Object::Ptr>();
        for (unsigned i = 0; i < object.getArray("events")->size(); ++i)
            page.events.push_back(
                object.getArray("events")->getObject(i)->getValue<std::string>("data"));
        for (unsigned i = 0; i < object.getArray("gaps")->size(); ++i)
            page.gaps.push_back(
                object.getArray("gaps")->getObject(i)->getValue<std::string>("reason"));
        page.id = object.getValue<std::string>("id");
        page.evicted = object.getValue<bool>("evicted");
        page.complete = object.getValue<bool>("complete");
        if (!object.isNull("next")) page.next = object.getValue<std::string>("next");
        return page;
    }
    std::string refused(std::string_view target) {
        const HttpResponse response = ask(target);
        EXPECT_EQ(response.status, 400) << target;
        return response.body;
    }
    /// Numbers begin .. end - 1, one a second.
    void publish(int begin, int end, std::string_view channel = "a") {
        for (int n = begin; n < end; ++n) {
            EventBatch batch;
            batch.beginMessage(kPlainLane, {});
            ASSERT_EQ(batch.addEvent(std::span{&channel, 1}, "", "", std::to_string(n)),
                      EncodeError::None);
            hub_.publish(batch);
            clock_.advance(1s);
        }
    }
    std::string time(int seconds) const { return std::to_string(begin_ + seconds * 1'000); }

    ManualClock clock_;
    const std::int64_t begin_ = clock_.wallMs();
    Hub hub_{hubOptions(), clock_};
    PlainOrigins origins_;
    HistoryHandler handler_{{.eventsDefault = 4, .eventsMax = 10}, hub_, origins_, clock_};

  private:
    static HubOptions hubOptions() {
        HubOptions options;
        options.history.events = 40;
        return options;
    }
};

TEST_F(HistoryHandlerTest, givesPagesThatJoin) {
    publish(0, 10);
    const Page first = get("/history/a");
    EXPECT_EQ(first.events, (Texts{"0", "1", "2", "3"}));
    const Page second = get(first.next);
    EXPECT_EQ(second.events, (Texts{"4", "5", "6", "7"}));
    const Page third = get(second.next);
    EXPECT_EQ(third.events, (Texts{"8", "9"}));
    EXPECT_EQ(get(third.next).events, Texts{});
    publish(10, 12);
    EXPECT_EQ(get(third.next).events, (Texts{"10", "11"}));
}

TEST_F(HistoryHandlerTest, isCacheableForEverOnceTheRangeIsComplete) {
    publish(0, 6);
    const Page whole = get("/history/a");
    EXPECT_FALSE(whole.complete) << "its beginning is what is kept, which changes";
    const Page second = get(whole.next);
    EXPECT_EQ(second.events, (Texts{"4", "5"}));
    EXPECT_FALSE(second.complete);
    EXPECT_EQ(second.cache(), "no-cache");
    publish(6, 8);
    const Page filled = get(whole.next);
    EXPECT_TRUE(filled.complete);
    EXPECT_EQ(filled.cache(), kForEver);
    EXPECT_NE(filled.tag(), second.tag());
    publish(8, 30);
    EXPECT_EQ(get(whole.next).events, filled.events);
    EXPECT_EQ(get(whole.next).tag(), filled.tag());
}

TEST_F(HistoryHandlerTest, endsWhereATimeSays) {
    publish(0, 8);
    const std::string range = "/history/a?since=" + time(2) + "&until=";
    const Page past = get(range + time(4));
    EXPECT_EQ(past.events, (Texts{"2", "3", "4"}));
    EXPECT_TRUE(past.complete);
    EXPECT_EQ(past.next, "") << "nothing more belongs to the range";
    EXPECT_EQ(past.cache(), kForEver);
    const Page open = get("/history/a?since=" + time(6) + "&until=" + time(60));
    EXPECT_EQ(open.events, (Texts{"6", "7"}));
    EXPECT_FALSE(open.complete);
    clock_.advance(60s);
    publish(8, 9, "b");
    EXPECT_TRUE(get("/history/a?since=" + time(6) + "&until=" + time(60)).complete);
    EXPECT_EQ(get("/history/a?since=-10s&until=-1s").cache(), "no-cache") << "it moves";
    const Page none = get("/history/a?since=" + time(3) + "&until=" + time(2));
    EXPECT_EQ(none.events, Texts{});
    EXPECT_EQ(get("/history/a?after=" + none.id).events.front(), "3");
}

TEST_F(HistoryHandlerTest, saysThatItsBeginningIsGone) {
    publish(0, 5);
    const Page early = get("/history/a?limit=3");
    EXPECT_FALSE(early.evicted);
    publish(5, 100);
    const Page late = get("/history/a?limit=1");
    EXPECT_TRUE(late.evicted);
    EXPECT_GT(std::stoi(late.events.front()), 50);
    EXPECT_TRUE(get("/history/a?since=" + time(1)).evicted);
    EXPECT_FALSE(get("/history/a?since=" + time(90)).evicted);
    const Page after = get("/history/a?after=" + early.id);
    EXPECT_EQ(after.gaps, Texts{"evicted"});
    EXPECT_EQ(after.cache(), "no-cache");
    EXPECT_FALSE(get("/history/a?from=-3").evicted);
    EXPECT_EQ(get("/history/a?from=-3").events, (Texts{"97", "98", "99"}));
}

TEST_F(HistoryHandlerTest, isNeverCompleteForATimeBeforeTheNodeBegan) {
    publish(0, 5);
    const std::string before = "/history/a?since=" + std::to_string(begin_ - 1) + "&until=";
    const Page page = get(before + time(2));
    EXPECT_EQ(page.events, (Texts{"0", "1", "2"}));
    EXPECT_TRUE(page.evicted) << "who knows what another node had then";
    EXPECT_FALSE(page.complete);
    EXPECT_EQ(page.cache(), "no-cache");
    EXPECT_FALSE(get(before + std::to_string(begin_ - 1)).complete);
    EXPECT_TRUE(get("/history/a?since=" + time(0) + "&until=" + time(2)).complete);
}

TEST_F(HistoryHandlerTest, isNotCompleteBehindAnIdThatIsAheadOfTheNode) {
    const FamilyIndex family = hub_.declareFamily("shop", "orders", 0x11111111, Words::One);
    const LaneIndex lane = hub_.declareLane(family, 0, {});
    const std::vector<Place> ahead{{{7, 0}, 0}};
    const std::vector<FamilyCutView> cut{{0x11111111, Words::One, ahead}};
    std::string id;
    ASSERT_TRUE(appendFullId(id, hub_.epoch(), 0, 1, cut, 0));
    clock_.advance(5s);
    const std::string past = "/history/a?until=" + time(1) + "&after=" + id;
    EXPECT_FALSE(get(past).complete) << "others may have what this node has not read yet";
    hub_.at(lane, {7, 0});
    EXPECT_TRUE(get(past).complete);
}

TEST_F(HistoryHandlerTest, answers304ToWhoeverHasIt) {
    publish(0, 3);
    const Page page = get("/history/a");
    const std::string field = "If-None-Match: \"x\", " + page.tag() + "\r\n";
    const HttpResponse same = ask("/history/a", field);
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(test::field(same, "ETag"), page.tag());
    publish(9, 10, "other");
    EXPECT_EQ(ask("/history/a", field).status, 304) << "other channels do not matter";
    publish(3, 4);
    EXPECT_EQ(ask("/history/a", field).status, 200);
}

TEST_F(HistoryHandlerTest, knowsNothingOfAQuietChannel) {
    const Page page = get("/history/quiet");
    EXPECT_EQ(page.events, Texts{});
    EXPECT_FALSE(page.evicted);
    EXPECT_FALSE(page.complete);
    publish(1, 2, "quiet");
    EXPECT_EQ(get(page.next).events, Texts{"1"});
}

TEST_F(HistoryHandlerTest, saysWhatItDoesNotTake) {
    for (const char* target :
         {"/history/", "/history/a{b}", "/history/{x}", "/history/a?limit=0", "/history/a?limit=11",
          "/history/a?after=1.x", "/history/a?since=soon", "/history/a?until=x",
          "/history/a?since=1&after=1", "/history/a?from=live", "/history/a?%",
          "/history/a?filter=true"})
        EXPECT_NE(refused(target).find(R"("field":")"), std::string::npos) << target;
}

}  // namespace
}  // namespace sluice
