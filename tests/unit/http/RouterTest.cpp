#include "Requests.h"
#include "http/PageHandlers.h"
#include "http/Router.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

class RouterTest : public testing::Test {
  protected:
    RouterTest() {
        router_.add("GET", "/*", files_);
        router_.add("GET", "/events", events_);
        router_.add("GET", "/events/*", events_);
        router_.add("POST", "/publish", publish_);
    }
    static HttpResponse route(const Router& router, const HttpRequest& request) {
        test::PairConnection connection;
        const auto response = router.route(request, connection);
        EXPECT_TRUE(response);
        return response.value_or(HttpResponse{});
    }
    HttpResponse route(std::string_view method, std::string_view target) {
        return route(router_, test::request(method, target));
    }

    PageHandler files_{"a/b", [] { return "files"; }};
    PageHandler events_{"a/b", [] { return "events"; }};
    PageHandler publish_{"a/b", [] { return "publish"; }};
    Cors cors_{{{"*"}, false}};
    Router router_{&cors_};
};

TEST_F(RouterTest, takesTheMostSpecificPath) {
    EXPECT_EQ(route("GET", "/events").body, "events");
    EXPECT_EQ(route("GET", "/events/a/b").body, "events");
    EXPECT_EQ(route("GET", "/eventsx").body, "files");
    EXPECT_EQ(route("POST", "/publish").body, "publish");
    EXPECT_EQ(route("HEAD", "/events").body, "events");
}

TEST_F(RouterTest, answers405WithWhatIsAllowed) {
    const HttpResponse response = route("GET", "/publish");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(test::field(response, "Allow"), "POST, OPTIONS");
    EXPECT_EQ(test::field(route("DELETE", "/events/x"), "Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, answers404WhereThereIsNothing) {
    const Router empty{nullptr};
    EXPECT_EQ(route(empty, test::request("GET", "/")).status, 404);
    EXPECT_EQ(route(empty, test::request("OPTIONS", "/")).status, 404);
}

TEST_F(RouterTest, answersOptionsAndPreflights) {
    EXPECT_EQ(route("OPTIONS", "*").status, 204);
    EXPECT_EQ(test::field(route("OPTIONS", "/events/x"), "Allow"), "GET, HEAD, OPTIONS");
    const HttpResponse preflight =
        route(router_, test::request("OPTIONS", "/events/x",
                                     "Origin: http://a\r\nAccess-Control-Request-Method: GET\r\n"));
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(test::field(preflight, "Access-Control-Allow-Origin"), "*");
    EXPECT_NE(test::field(preflight, "Access-Control-Allow-Headers"), "");
}

TEST_F(RouterTest, asksForItsKeysBeforeAnythingIsServed) {
    const auto status = [&](const Router::Keys& keys, std::string_view method,
                            std::string_view key) {
        Router router{nullptr, keys};
        router.add(method, "/a", files_);
        const std::string field = "Authorization: Bearer " + std::string{key} + "\r\n";
        return route(router, test::request(method, "/a", key.empty() ? "" : field)).status;
    };
    for (const char* const key : {"", "secre", "secretx"}) {
        EXPECT_EQ(status({"secret", "operate"}, "GET", key), 401);
        EXPECT_EQ(status({"", "operate"}, "GET", key), 401);
    }
    EXPECT_EQ(status({"secret", "operate"}, "GET", "secret"), 200);
    EXPECT_EQ(status({"secret", "operate"}, "GET", "operate"), 200);
    EXPECT_EQ(status({"secret", "operate"}, "POST", "secret"), 403);
    EXPECT_EQ(status({"secret", ""}, "POST", "secret"), 403);
    EXPECT_EQ(status({"secret", "operate"}, "POST", "operate"), 200);
    EXPECT_EQ(status({}, "POST", ""), 200);
}

TEST_F(RouterTest, servesWhatIsOpenWithoutTheKey) {
    Router router{nullptr, Router::Keys{"secret", ""}};
    router.addOpen("GET", "/", files_);
    router.add("GET", "/metrics", files_);
    EXPECT_EQ(route(router, test::request("GET", "/")).status, 200);
    EXPECT_EQ(route(router, test::request("GET", "/metrics")).status, 401);
}

TEST_F(RouterTest, letsTheReadKeyDoWhatChangesNothing) {
    Router router{nullptr, Router::Keys{"secret", "operate"}};
    router.addForLooking("POST", "/explain", files_);
    router.add("POST", "/reload", files_);
    const auto status = [&](std::string_view path) {
        return route(router, test::request("POST", path, "Authorization: Bearer secret\r\n"))
            .status;
    };
    EXPECT_EQ(status("/explain"), 200);
    EXPECT_EQ(status("/reload"), 403);
}

TEST_F(RouterTest, putsCorsOnErrorsToo) {
    EXPECT_EQ(test::field(route("GET", "/publish"), "Access-Control-Allow-Origin"), "*");
}

TEST_F(RouterTest, sendsPlainRequestsToHttpsButForTheHealthOfTheNode) {
    router_.redirectToHttps(443);
    const HttpResponse response = route("GET", "/events/a?x=1");
    EXPECT_EQ(response.status, 308);
    EXPECT_EQ(test::field(response, "Location"), "https://here/events/a?x=1");
    EXPECT_EQ(route("GET", "/readyz").status, 200);  // the files here
    router_.redirectToHttps(8443);
    EXPECT_EQ(test::field(route("GET", "/events"), "Location"), "https://here:8443/events");
}

TEST_F(RouterTest, servesNamesOfTheInternetOnlyWhereTheyAreItsOwn) {
    const auto status = [this](std::string_view host) {
        const std::string text = "GET /events HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n";
        RequestHead head;
        EXPECT_EQ(parseHead(text, {}, head).state, HeadState::Complete) << text;
        return route(router_, HttpRequest{text, head, "", {.address = "127.0.0.1"}}).status;
    };
    EXPECT_EQ(status("evil.example"), 200);
    router_.serveOnly({"shop.example"});
    for (const char* good : {"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "node-7", "",
                             "a.localhost", "Shop.Example:8080", "192.0.2.7"})
        EXPECT_EQ(status(good), 200) << good;
    for (const char* bad : {"evil.example", "evil.example:8080", "127.0.0.1.evil.example",
                            "localhost.evil.example", "shop.example.evil.example"})
        EXPECT_EQ(status(bad), 421) << bad;
}

TEST_F(RouterTest, slowsDownWhoGuessesKeysAndRefusesThenToLook) {
    ManualClock clock;
    ClientLimits limits{{.failuresSlow = 2, .failuresMax = 4}, clock};
    Router router{nullptr, Router::Keys{"secret", ""}};
    router.add("GET", "/metrics", files_);
    const Guesses guesses{limits};
    router.slowDownGuesses(guesses);
    const auto ask = [&](std::string_view fields) {
        return route(router, test::request("GET", "/metrics", fields));
    };
    const char* const wrong = "Authorization: Bearer wrong\r\n";
    EXPECT_EQ(ask(wrong).hold.count(), 0);
    EXPECT_EQ(ask(wrong).hold.count(), 0);
    EXPECT_EQ(ask(wrong).hold, ClientLimits::kSlowdown);
    EXPECT_EQ(ask("").status, 401);  // no guess
    EXPECT_EQ(ask(wrong).status, 401);
    EXPECT_EQ(ask(wrong).status, 429);
    EXPECT_EQ(ask("Authorization: Bearer secret\r\n").status, 429);
    clock.advance(std::chrono::minutes{1});
    EXPECT_EQ(ask("Authorization: Bearer secret\r\n").status, 200);
}

TEST(ReadyHandler, saysWhatIsMissing) {
    std::string missing = "input orders: connecting";
    std::string failing;
    ReadyHandler handler{[&] { return missing; }, [&] { return failing; }};
    test::PairConnection connection;
    const auto notYet = handler.handle(test::request("GET", "/readyz"), connection);
    EXPECT_EQ(notYet->status, 503);
    EXPECT_NE(notYet->body.find(missing), std::string::npos);
    missing.clear();
    EXPECT_EQ(handler.handle(test::request("GET", "/readyz"), connection)->body, "ready\n");
    failing = "the disk is full";
    const auto still = handler.handle(test::request("GET", "/readyz"), connection);
    EXPECT_EQ(still->status, 200);
    EXPECT_EQ(still->body, "ready, but the disk is full\n");
}

}  // namespace
}  // namespace sluice
