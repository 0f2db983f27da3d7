#include "Requests.h"
#include "http/PageHandlers.h"
#include "http/Router.h"

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

TEST_F(RouterTest, asksForItsKeyBeforeAnythingIsServed) {
    Router router{nullptr, "secret"};
    router.add("GET", "/metrics", files_);
    EXPECT_EQ(route(router, test::request("GET", "/metrics")).status, 401);
    EXPECT_EQ(
        route(router, test::request("GET", "/metrics", "Authorization: Bearer secret\r\n")).status,
        200);
}

TEST_F(RouterTest, servesWhatIsOpenWithoutTheKey) {
    Router router{nullptr, "secret"};
    router.addOpen("GET", "/", files_);
    router.add("GET", "/metrics", files_);
    EXPECT_EQ(route(router, test::request("GET", "/")).status, 200);
    EXPECT_EQ(route(router, test::request("GET", "/metrics")).status, 401);
}

TEST_F(RouterTest, putsCorsOnErrorsToo) {
    EXPECT_EQ(test::field(route("GET", "/publish"), "Access-Control-Allow-Origin"), "*");
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
