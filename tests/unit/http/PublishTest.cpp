#include <vector>

#include "Requests.h"
#include "http/PublishHandler.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

class RecordingPublisher final : public Publisher {
  public:
    PublishOutcome publish(std::span<const PublishedEvent> events) override {
        published.assign(events.begin(), events.end());
        outcome.accepted = events.size();
        return outcome;
    }
    std::vector<PublishedEvent> published;
    PublishOutcome outcome{PublishOutcome::State::Accepted, 0, "an-id", ""};
};

class PublishTest : public testing::Test {
  protected:
    HttpResponse post(std::string_view body, std::string_view type = "application/json",
                      std::string_view key = "secret") {
        publisher_.published.clear();
        PublishHandler handler{options_, access_.get(), limits_, publisher_, clock_};
        test::PairConnection connection;
        const std::string fields = "Content-Type: " + std::string{type} +
                                   "\r\nAuthorization: Bearer " + std::string{key} + "\r\n";
        return *handler.handle(test::request("POST", "/publish", fields, body), connection);
    }
    /// The events of a body that must be accepted.
    std::vector<PublishedEvent> events(std::string_view body,
                                       std::string_view type = "application/json") {
        const HttpResponse response = post(body, type);
        EXPECT_EQ(response.status, 200) << response.body;
        return publisher_.published;
    }
    std::string data(std::string_view json) {
        const auto all = events("{\"channel\":\"c\",\"data\":" + std::string{json} + "}");
        return all.empty() ? "" : all.front().data;
    }
    void expectRefused(std::string_view body, std::string_view field, int status = 400,
                       std::string_view type = "application/json") {
        const HttpResponse response = post(body, type);
        EXPECT_EQ(response.status, status) << body << response.body;
        EXPECT_NE(response.body.find("\"field\":\"" + std::string{field} + "\""), std::string::npos)
            << body << response.body;
        EXPECT_TRUE(publisher_.published.empty());
    }

    PublishTest() { options_.key = "secret"; }

    ManualClock clock_;
    ClientLimits limits_{{.publishesPerAddress = 2'000'000}, clock_};
    PublishOptions options_;
    RecordingPublisher publisher_;
    std::unique_ptr<Access> access_;  // null: without auth
};

const char* const kForm = "application/x-www-form-urlencoded";

TEST_F(PublishTest, refusesWhoPublishesTooFast) {
    ClientLimits limits{{.publishesPerAddress = 2}, clock_};
    PublishHandler handler{options_, nullptr, limits, publisher_, clock_};
    const auto status = [&] {
        test::PairConnection connection;
        return handler
            .handle(test::request("POST", "/publish", "Authorization: Bearer secret\r\n",
                                  R"({"channel":"c","data":1})"),
                    connection)
            ->status;
    };
    EXPECT_EQ(status(), 200);
    EXPECT_EQ(status(), 200);
    EXPECT_EQ(status(), 429);
    clock_.advance(std::chrono::seconds{1});
    EXPECT_EQ(status(), 200);
}

TEST_F(PublishTest, takesOtherKeysFromAReloadOn) {
    options_ = {};
    options_.keys = {{"shop", {}, 1}};
    PublishHandler handler{options_, nullptr, limits_, publisher_, clock_};
    const auto status = [&](std::string_view key) {
        test::PairConnection connection;
        return handler
            .handle(test::request("POST", "/publish",
                                  "Authorization: Bearer " + std::string{key} + "\r\n",
                                  R"({"channel":"c","data":1})"),
                    connection)
            ->status;
    };
    EXPECT_EQ(status("shop"), 200);
    options_.keys.push_back({"desk", {"desks"}, 0});
    handler.reload(options_);
    EXPECT_EQ(status("shop"), 429) << "its rate goes on";
    EXPECT_EQ(status("desk"), 403);
    options_.keys.front().eventsPerSecond = 2;
    handler.reload(options_);
    EXPECT_EQ(status("shop"), 200);
    PublishOptions bad = options_;
    bad.keys.front().channels = {"{"};
    EXPECT_THROW(handler.reload(bad), std::invalid_argument);
    EXPECT_EQ(status("shop"), 200);
    handler.reload({});
    EXPECT_EQ(status("shop"), 403);
}

TEST_F(PublishTest, takesAnObject) {
    const auto all =
        events(R"({"channel":["a","b","a"],"event":"order","key":"k","data":{"x":1}})");
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].channels, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(all[0].event, "order");
    EXPECT_EQ(all[0].key, "k");
    EXPECT_EQ(all[0].data, R"({"x":1})");
}

TEST_F(PublishTest, answersWithCountAndId) {
    EXPECT_EQ(post(R"([{"channel":"a","data":1},{"channel":"a","data":2}])").body,
              "{\"accepted\":2,\"id\":\"an-id\"}\n");
}

TEST_F(PublishTest, sendsStringsRawAndTheRestAsItCame) {
    EXPECT_EQ(data(R"("line\nbreak \u00e4 \"q\"")"), "line\nbreak \xc3\xa4 \"q\"");
    EXPECT_EQ(data("9.00"), "9.00");
    EXPECT_EQ(data("123456789012345678901234567890"), "123456789012345678901234567890");
    EXPECT_EQ(data("null"), "null");
    EXPECT_EQ(data("true "), "true");
    EXPECT_EQ(data("\"\""), "");
    EXPECT_EQ(data("[ 1.10 ,\n {\"a b\" : \" c \"} ]"), R"([1.10,{"a b":" c "}])");
}

TEST_F(PublishTest, takesArraysAndLines) {
    EXPECT_EQ(events(R"([{"channel":"a","data":1},{"channel":"b","data":[]}])").size(), 2u);
    const auto lines =
        events("{\"channel\":\"a\",\"data\":1}\n\n{\"channel\":\"b\",\"data\":2}\r\n",
               "application/x-ndjson");
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[1].channels, std::vector<std::string>{"b"});
}

TEST_F(PublishTest, takesJsonWhateverItsType) {
    EXPECT_EQ(events(" {\"channel\":\"a\",\"data\":\"x=y\"}", kForm).at(0).data, "x=y");
}

TEST_F(PublishTest, takesForms) {
    const auto all = events("channel=a,b&channel=c&event=e&key=k&data=hello+world%21", kForm);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].channels, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(all[0].data, "hello world!");
}

TEST_F(PublishTest, namesTheFieldAtFault) {
    expectRefused(R"({"data":1})", "channel");
    expectRefused(R"({"channel":"a"})", "data");
    expectRefused(R"({"channel":7,"data":1})", "channel");
    expectRefused(R"({"channel":["a",7],"data":1})", "channel");
    expectRefused(R"({"channel":"a,b","data":1})", "channel");
    expectRefused(R"({"channel":"","data":1})", "channel");
    expectRefused(R"({"channel":"a","data":1,"event":"a\nb"})", "event");
    expectRefused(R"({"channel":"a","data":1,"event":"sluice.open"})", "event");
    expectRefused(R"({"channel":"a","data":1,"key":{}})", "key");
    expectRefused(R"({"channel":"a","data":1,"dta":2})", "dta");
    expectRefused(R"({"channel":"a","data":1,"data":2})", "data");
    expectRefused("{\"channel\":\"a\",\"data\":\"\\ud800\"}", "data");
    expectRefused(R"([{"channel":"a","data":1},{"channel":"b"}])", "[1].data");
    expectRefused(R"([{"channel":"a","data":1},7])", "[1]");
    expectRefused("{\"channel\":\"a\",\"data\":1}\nrubbish\n", "[1]");
    expectRefused("channel=a", "data", 400, kForm);
    expectRefused("channel=a&data=%ff", "data", 400, kForm);
    expectRefused("hello", "hello", 400, kForm);
}

TEST_F(PublishTest, refusesWhatIsNoRequest) {
    expectRefused("", "");
    expectRefused("[]", "");
    expectRefused("{", "");
    expectRefused("{\"channel\":\"a\",\"data\":tru}", "");
    expectRefused("{\"channel\":\"a\",\"data\":1} x", "");
    expectRefused("{\"channel\":\"\xff\",\"data\":1}", "");
    expectRefused("a=%", "", 400, kForm);
    expectRefused("hello", "", 415, "text/plain");
}

TEST_F(PublishTest, reachesItsBounds) {
    options_.limits.eventsMax = 2;
    options_.limits.channelsMax = 1;
    options_.limits.dataBytesMax = 10;
    expectRefused(R"([{"channel":"a","data":1},{"channel":"a","data":1},{"channel":"a","data":1}])",
                  "[2]", 413);
    expectRefused(R"({"channel":["a","b"],"data":1})", "channel");
    expectRefused(R"({"channel":"a","data":"12345678901"})", "data", 413);
    EXPECT_EQ(data("\"1234567890\""), "1234567890");
}

TEST_F(PublishTest, asksForTheKey) {
    EXPECT_EQ(post("{}", "application/json", "wrong").status, 401);
    options_.key.clear();
    const HttpResponse disabled = post("{}");
    EXPECT_EQ(disabled.status, 403);
    EXPECT_NE(disabled.body.find("publish.key"), std::string::npos);
}

TEST_F(PublishTest, publishesOnlyToAllowedChannels) {
    options_.channels = {"open/{x**}"};
    EXPECT_EQ(events(R"({"channel":"open/a","data":1})").size(), 1u);
    expectRefused(R"([{"channel":"open/a","data":1},{"channel":"closed","data":1}])", "channel",
                  403);
}

TEST_F(PublishTest, givesEachKeyItsOwnChannels) {
    options_.keys = {{"shop", {"tenants/{t}/orders"}, 0}, {"root", {}, 0}};
    const auto status = [&](std::string_view key, std::string_view channel) {
        return post("{\"channel\":\"" + std::string{channel} + "\",\"data\":1}", "application/json",
                    key)
            .status;
    };
    EXPECT_EQ(status("shop", "tenants/acme/orders"), 200);
    EXPECT_EQ(status("shop", "tenants/acme/users"), 403);
    EXPECT_EQ(status("root", "tenants/acme/users"), 200);
    EXPECT_EQ(status("secret", "anything"), 200);
    for (const char* const key : {"", "sho", "shopp", "SHOP"})
        EXPECT_EQ(status(key, "tenants/acme/orders"), 401) << key;
    EXPECT_EQ(options_.reached(), (std::vector<std::string>{"tenants/{t}/orders", "{any**}"}));
}

TEST_F(PublishTest, boundsAKeyByItsRate) {
    EventRate rate{10, clock_};
    EXPECT_EQ(rate.take(7), 0U);
    EXPECT_EQ(rate.take(4), 1U) << "3 are left";
    EXPECT_EQ(rate.take(3), 0U);
    clock_.advance(std::chrono::milliseconds{500});
    EXPECT_EQ(rate.take(5), 0U);
    clock_.advance(std::chrono::seconds{10});
    EXPECT_EQ(rate.take(25), 0U) << "more than a second's worth, of a full one";
    EXPECT_EQ(rate.take(1), 2U) << "15 are owed";
    clock_.advance(std::chrono::milliseconds{1'600});
    EXPECT_EQ(rate.take(1), 0U);

    options_.keys = {{"shop", {}, 1}};
    PublishHandler handler{options_, nullptr, limits_, publisher_, clock_};
    const auto publish = [&] {
        test::PairConnection connection;
        return *handler.handle(test::request("POST", "/publish", "Authorization: Bearer shop\r\n",
                                             R"({"channel":"a","data":1})"),
                               connection);
    };
    EXPECT_EQ(publish().status, 200);
    const HttpResponse refused = publish();
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(test::field(refused, "Retry-After"), "1");
}

TEST_F(PublishTest, takesTokensWhoseClaimNamesTheChannel) {
    AuthOptions auth;
    auth.isOn = true;
    auth.tokens = {{"shop", digestOf("t"), R"({"publish": ["tenants/acme/{x}", "own"]})"},
                   {"one", digestOf("o"), R"({"publish": "{all**}"})"},
                   {"none", digestOf("n"), "{}"}};
    access_ = std::make_unique<Access>(auth, std::vector<AccessRule>{}, clock_);
    const auto status = [&](std::string_view key, std::string_view channel) {
        return post("{\"channel\":\"" + std::string{channel} + "\",\"data\":1}", "application/json",
                    key)
            .status;
    };
    EXPECT_EQ(status("t", "tenants/acme/orders"), 401) << "publish.claims names nothing";
    options_.claims = {"tenants/{t}/{x}"};
    EXPECT_EQ(status("t", "tenants/acme/orders"), 200);
    EXPECT_EQ(status("t", "tenants/globex/orders"), 403);
    EXPECT_EQ(status("t", "own"), 403) << "publish.claims does not name it";
    EXPECT_EQ(status("o", "tenants/globex/orders"), 200);
    EXPECT_EQ(status("n", "tenants/acme/orders"), 401);
    EXPECT_EQ(status("x", "tenants/acme/orders"), 401);
}

TEST_F(PublishTest, passesOnWhatThePublisherSays) {
    publisher_.outcome = {PublishOutcome::State::Closing, 0, "", ""};
    EXPECT_EQ(post(R"({"channel":"a","data":1})").status, 503);
    publisher_.outcome = {PublishOutcome::State::Rejected, 0, "", "too many channels"};
    EXPECT_EQ(post(R"({"channel":"a","data":1})").status, 422);
    publisher_.outcome = {PublishOutcome::State::NoRoom, 1, "", "1 of 1 events"};
    const HttpResponse noRoom = post(R"({"channel":"a","data":1})");
    EXPECT_EQ(noRoom.status, 503);
    EXPECT_NE(noRoom.body.find("no-room"), std::string::npos);
}

}  // namespace
}  // namespace sluice
