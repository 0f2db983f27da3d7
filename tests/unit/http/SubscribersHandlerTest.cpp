#include "Requests.h"
#include "http/SubscribersHandler.h"

namespace sluice {
namespace {

class SubscribersTest : public testing::Test {
  protected:
    HttpResponse get(std::string_view target) {
        test::PairConnection connection;
        return *handler_.handle(test::request("GET", target), connection);
    }

    StreamWish asked_;
    std::optional<StreamsSeen> seen_ = StreamsSeen{};
    SubscribersHandler handler_{[this](const StreamWish& wish) {
                                    asked_ = wish;
                                    return seen_;
                                },
                                [] { return std::size_t{25}; }};
};

StreamStatus stream(std::uint32_t place) {
    StreamStatus status;
    status.number = {1, place, 3};
    status.channels = {"a"};
    status.channelCount = 1;
    status.lag = StreamLag{};
    return status;
}

TEST_F(SubscribersTest, readsWhatIsAskedFor) {
    get("/subscribers?channel=orders%2Feu&subject=ann&state=straggling&limit=7&after=1.22.333");
    EXPECT_EQ(asked_.channel, "orders/eu");
    EXPECT_EQ(asked_.subject, "ann");
    EXPECT_EQ(asked_.state, StreamState::Straggling);
    EXPECT_EQ(asked_.max, 7u);
    EXPECT_EQ(asked_.after, (StreamNumber{1, 22, 333}));
    EXPECT_FALSE(asked_.isByLag);
    get("/subscribers?order=lag&state=&after=");
    EXPECT_TRUE(asked_.isByLag);
    EXPECT_FALSE(asked_.state);
    EXPECT_FALSE(asked_.after);
    EXPECT_EQ(asked_.max, 100u);
}

TEST_F(SubscribersTest, saysWhatIsWrong) {
    const std::pair<const char*, const char*> wrong[] = {
        {"state=slow", "state"},    {"limit=0", "limit"},     {"limit=1001", "limit"},
        {"limit=", "limit"},        {"limit=-1", "limit"},    {"after=1.2", "after"},
        {"after=1.2.3.4", "after"}, {"after=1.2.x", "after"}, {"order=age", "order"},
        {"channel=%2", "query"}};
    for (const auto& [query, field] : wrong) {
        const HttpResponse response = get(std::string{"/subscribers?"} + query);
        EXPECT_EQ(response.status, 400) << query;
        EXPECT_NE(response.body.find(std::string{R"("field":")"} + field + '"'), std::string::npos)
            << response.body;
    }
    seen_.reset();
    EXPECT_EQ(get("/subscribers").status, 503);
}

TEST_F(SubscribersTest, writesStreams) {
    StreamStatus full = stream(9);
    full.address = "192.0.2.7";
    full.subject = "ann \"a\"";
    full.channels = {"a", "b/{x}"};
    full.channelCount = 40;
    full.types = {"order"};
    full.filter = "key == 'x'";
    full.state = StreamState::Straggling;
    full.lag = StreamLag{12, 3'400, true};
    full.unsentBytes = 77;
    full.ageMs = 5'000;
    full.silentMs = 600;
    full.endsMs = 1'700'000'000'000;
    StreamStatus begins = stream(10);
    begins.state = StreamState::Resolving;
    begins.lag.reset();
    seen_->streams = {full, begins};
    EXPECT_EQ(
        get("/subscribers").body,
        R"({"open":25,"subscribers":[{"stream":"1.9.3","address":"192.0.2.7",)"
        R"("subject":"ann \"a\"","channels":["a","b/{x}"],"channelCount":40,"types":["order"],)"
        R"("filter":"key == 'x'","state":"straggling","lag":{"events":12,"ms":3400,)"
        R"("atLeast":true},"unsentBytes":77,"ageMs":5000,"silentMs":600,)"
        R"("endsMs":1700000000000},{"stream":"1.10.3","channels":["a"],"state":"resolving",)"
        R"("lag":null,"unsentBytes":0,"ageMs":0,"silentMs":0}]})"
        "\n");
}

TEST_F(SubscribersTest, leadsFromPageToPage) {
    seen_->streams = {stream(1), stream(2)};
    EXPECT_EQ(get("/subscribers").body.find("next"), std::string::npos);
    seen_->hasMore = true;
    seen_->matching = 24;
    EXPECT_NE(get("/subscribers").body.find(R"(],"next":"1.2.3"})"), std::string::npos);
    EXPECT_NE(get("/subscribers?order=lag").body.find(R"(],"matching":24})"), std::string::npos);
}

}  // namespace
}  // namespace sluice
