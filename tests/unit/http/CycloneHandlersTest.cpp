#include "Requests.h"
#include "http/CycloneHandlers.h"
#include "http/Guesses.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

/// Keeps what it was handed, and answers what a test says.
class Recorder final : public HttpHandler {
  public:
    std::optional<HttpResponse> handle(const HttpRequest& request, HttpConnection&) override {
        target = std::string{request.path()} + '?' + std::string{request.query()};
        body = request.body();
        authorization = request.header("authorization").value_or("");
        lastId = request.header("last-event-id").value_or("");
        ++calls;
        HttpResponse response = textResponse("of the recorder");
        response.status = status;
        return response;
    }

    int status = 200, calls = 0;
    std::string target, body, authorization, lastId;
};

class CycloneTest : public testing::Test {
  protected:
    HttpResponse get(std::string_view target, std::string_view fields = {}) {
        test::PairConnection connection;
        return *streamsHandler_.handle(test::request("GET", target, fields), connection);
    }
    HttpResponse post(std::string_view body, std::string_view target = "/publish",
                      std::string_view fields = {}) {
        test::PairConnection connection;
        return *publishHandler_.handle(test::request("POST", target, fields, body), connection);
    }

    Recorder streams_, answers_, pages_, publish_;
    CycloneStreams streamsHandler_{streams_, answers_, &pages_};
    CyclonePublish publishHandler_{publish_};
};

TEST_F(CycloneTest, handsChannelsToStreamsOfOurs) {
    get("/?channels=a&channels=b%2Fc&_=1", "Last-Event-Id: 1.x\r\n");
    EXPECT_EQ(streams_.target, "/events?channels=a,b%2Fc");
    EXPECT_EQ(streams_.lastId, "1.x");
    get("/?channels=a,,b");
    EXPECT_EQ(streams_.target, "/events?channels=a,b");
    get("/?channels=news.%2A");
    EXPECT_EQ(streams_.target, "/events?channels=news%2E%7Brest%2A%2A%7D");
    get("/?channels=a&access_token=t%2B1");
    EXPECT_EQ(streams_.target, "/events?channels=a&access_token=t%2B1");
    EXPECT_EQ(answers_.calls + pages_.calls, 0);
}

TEST_F(CycloneTest, givesScriptsOneAnswerAtATime) {
    get("/?channels=a", "X-Requested-With: XMLHttpRequest\r\n");
    EXPECT_EQ(answers_.target, "/events?channels=a");
    EXPECT_EQ(streams_.calls, 0);
}

TEST_F(CycloneTest, isThePageWhereNoChannelIsNamed) {
    get("/?channels=&x=1");
    EXPECT_EQ(pages_.target, "/?channels=&x=1");
    CycloneStreams noPages{streams_, answers_, nullptr};
    test::PairConnection connection;
    noPages.handle(test::request("GET", "/"), connection);
    EXPECT_EQ(streams_.target, "/events?channels=") << "which refuses it";
}

TEST_F(CycloneTest, readsGlobsAsPatterns) {
    EXPECT_EQ(patternOfGlob("news"), "news");
    EXPECT_EQ(patternOfGlob("news:*"), "news:{rest**}");
    EXPECT_EQ(patternOfGlob("*/*-x/*"), "{x0}/{x1}-x/{rest**}");
    EXPECT_EQ(patternOfGlob("a{b}"), "a{{b}}");
}

TEST_F(CycloneTest, publishesAForm) {
    const HttpResponse response = post("key=secret&channel=a&channel=b&message=%5B1%2C+%222%22%5D");
    EXPECT_EQ(response.body, R"({"status": "ok"})");
    EXPECT_EQ(test::field(response, "Content-Type"), "application/json");
    EXPECT_EQ(publish_.authorization, "Bearer secret");
    EXPECT_EQ(publish_.body, R"({"channel":["a","b"],"data":"[1, \"2\"]"})");
    post("", "/publish?key=k&channel=a&message=m");
    EXPECT_EQ(publish_.body, R"({"channel":["a"],"data":"m"})");
}

TEST_F(CycloneTest, refusesAsCycloneDid) {
    for (const char* keyless :
         {"channel=a&message=m", "key=&channel=a&message=m", "key=a%0Ab&channel=a&message=m"})
        EXPECT_EQ(post(keyless).status, 401) << keyless;
    EXPECT_EQ(publish_.calls, 0);
    publish_.status = 401;
    EXPECT_EQ(post("key=wrong&message=m").status, 401) << "a wrong key is told first";
    publish_.status = 400;
    for (const char* lacking : {"key=k&channel=a", "key=k&message=m", "key=k&channel=a&message="})
        EXPECT_EQ(post(lacking).status, 400) << lacking;
    EXPECT_EQ(publish_.body, "");
    publish_.status = 422;
    EXPECT_EQ(post("key=k&channel=a&message=m").status, 400);
    publish_.status = 503;
    EXPECT_EQ(post("key=k&channel=a&message=m").status, 503);
}

TEST_F(CycloneTest, handsOnWhatIsOurOwn) {
    for (const char* own : {R"({"channel": "a", "data": 1})", "[]", "channel=a&data=1", "key=%"}) {
        post(own, "/publish", "Authorization: Bearer own\r\n");
        EXPECT_EQ(publish_.body, own);
        EXPECT_EQ(publish_.authorization, "Bearer own");
    }
}

TEST_F(CycloneTest, hasEveryKeyThatItReadsCountAsAGuess) {
    publish_.status = 401;
    const auto isSlowedDown = [this](std::string_view target, std::string_view fields,
                                     std::string_view body) {
        ManualClock clock;
        ClientLimits limits{{.failuresSlow = 1}, clock};
        const Guesses guesses{limits};
        HttpResponse last;
        for (int i = 0; i < 2; ++i) {
            last = post(body, target, fields);
            EXPECT_EQ(last.status, 401);
            guesses.count(test::request("POST", target, fields, body), last);
        }
        return last.hold == ClientLimits::kSlowdown;
    };
    const char* const form = "key=wrong&channel=a&message=m";
    for (const char* type : {"application/x-www-form-urlencoded", "text/plain", "image/png"})
        EXPECT_TRUE(isSlowedDown("/publish", "Content-Type: " + std::string{type} + "\r\n", form))
            << type;
    EXPECT_TRUE(isSlowedDown("/publish", "", form));
    EXPECT_TRUE(isSlowedDown("/publish", "", "%6bey=wrong&message=m"));
    EXPECT_TRUE(isSlowedDown("/publish?%6bey=wrong", "", ""));
    for (const char* keyless : {"", "channel=a&message=m", "key=&message=m", "{}", "[\"key=\"]"})
        EXPECT_FALSE(isSlowedDown("/publish", "", keyless)) << keyless;
}

class CycloneStatsTest : public testing::Test {
  protected:
    HttpResponse get(std::string_view target, std::string_view fields = {}) {
        test::PairConnection connection;
        return *stats_.handle(test::request("GET", target, fields), connection);
    }

    std::optional<CycloneStats::Counts> counts_ =
        CycloneStats::Counts{{"news:{rest**}", 3}, {"cats", 946}, {"a\"b", 1}};
    CycloneStats stats_{{"publish-key", "", "read-key"}, [this] { return counts_; }};
};

TEST_F(CycloneStatsTest, areWhatCycloneSent) {
    const HttpResponse response = get("/stats?key=publish-key");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(test::field(response, "Content-Type"), "application/json");
    EXPECT_EQ(response.body, R"([["a\"b", 1], ["cats", 946], ["news:*", 3]])");
    EXPECT_EQ(get("/stats", "Authorization: Bearer read-key\r\n").status, 200);
    counts_->clear();
    EXPECT_EQ(get("/stats?key=read-key").body, "[]");
}

TEST_F(CycloneStatsTest, areForWhoHasAKey) {
    for (const char* target : {"/stats", "/stats?key=", "/stats?key=wrong", "/stats?key=%"})
        EXPECT_EQ(get(target).status, 401) << target;
    EXPECT_EQ(get("/stats", "Authorization: Bearer wrong\r\n").status, 401);
    CycloneStats keyless{{"", ""}, [this] { return counts_; }};
    test::PairConnection connection;
    const auto response = keyless.handle(test::request("GET", "/stats?key="), connection);
    EXPECT_EQ(response->status, 403);
    EXPECT_NE(response->body.find("set publish.key or admin.read_key"), std::string::npos);
}

TEST_F(CycloneStatsTest, sayWhenTheyCannotBeCounted) {
    counts_.reset();
    EXPECT_EQ(get("/stats?key=read-key").status, 503);
}

TEST_F(CycloneTest, writesPatternsAsGlobs) {
    for (const char* glob : {"news", "news:*", "*/*-x/*", "a{b}"})
        EXPECT_EQ(globOfPattern(patternOfGlob(glob)), glob);
    EXPECT_EQ(globOfPattern("orders/{region}"), "orders/*");
}

}  // namespace
}  // namespace sluice
