#include "Requests.h"
#include "http/Authorization.h"
#include "http/HttpRequest.h"
#include "http/HttpResponse.h"

namespace sluice {
namespace {

TEST(PercentDecode, decodesOrRefuses) {
    EXPECT_EQ(percentDecode("a%20b%2Fc+d", false), "a b/c+d");
    EXPECT_EQ(percentDecode("a+b", true), "a b");
    for (const char* bad : {"%", "%1", "%zz", "a%2", "%%41"})
        EXPECT_FALSE(percentDecode(bad, false)) << bad;
}

TEST(Parameters, readsNamesAndValuesInOrder) {
    const HttpParameters expected{{"a", "1"}, {"b", ""}, {"a", "x=y"}, {"c d", "&"}};
    EXPECT_EQ(parseParameters("a=1&&b&a=x=y&c+d=%26"), expected);
    EXPECT_FALSE(parseParameters("a=%"));
}

TEST(Parameters, areBounded) {
    std::string text;
    for (std::size_t i = 0; i < kParametersMax; ++i) text += "a=b&";
    EXPECT_TRUE(parseParameters(text));
    EXPECT_FALSE(parseParameters(text + "a=b"));
}

TEST(HttpRequest, isRewrittenForAnotherTarget) {
    // Empty lines before a request are no part of it (RFC 9112 section 2.2).
    for (const char* method : {"GET", "\r\n\r\nGET"}) {
        const HttpRequest old =
            test::request(method, "/?a=1", "Authorization: theirs\r\nX-Other: kept\r\n", "old");
        const HttpRequest made = old.rewritten("/events?b=2", "Authorization: ours\r\n", "new");
        EXPECT_EQ(made.method(), "GET");
        EXPECT_EQ(made.path(), "/events");
        EXPECT_EQ(made.query(), "b=2");
        EXPECT_EQ(made.header("authorization"), "ours");
        EXPECT_EQ(made.header("x-other"), "kept");
        EXPECT_EQ(made.header("host"), "here");
        EXPECT_EQ(made.body(), "new");
        EXPECT_EQ(made.peer(), old.peer());
    }
}

TEST(HttpRequest, findsListedValuesWithoutTheirParameters) {
    const HttpRequest request =
        test::request("GET", "/", "Accept: text/html;q=0.9, Text/Event-Stream ;q=1\r\n");
    EXPECT_TRUE(request.headerHas("accept", "text/event-stream"));
    EXPECT_TRUE(request.headerHas("ACCEPT", "text/html"));
    EXPECT_FALSE(request.headerHas("accept", "text"));
    EXPECT_FALSE(request.header("cookie"));
}

TEST(Authorization, findsTheBearersToken) {
    const auto of = [](const char* value) {
        const HttpRequest request =
            test::request("GET", "/", "Authorization: " + std::string{value} + "\r\n");
        return std::string{bearerOf(request).value_or("none")};
    };
    EXPECT_EQ(of("Bearer secret"), "secret");
    EXPECT_EQ(of("bearer secret"), "secret");
    for (const char* other : {"Basic secret", "secret", "Bearer"}) EXPECT_EQ(of(other), "none");
    EXPECT_FALSE(bearerOf(test::request("GET", "/")));
}

TEST(HttpResponse, saysEveryErrorInOneShape) {
    const HttpResponse response = errorResponse(400, {"a-code", "a.field", "mess\"age", "hint"});
    EXPECT_EQ(response.body,
              "{\"error\":{\"code\":\"a-code\",\"field\":\"a.field\",\"message\":"
              "\"mess\\\"age\",\"hint\":\"hint\"}}\n");
}

TEST(HttpResponse, composesLengthAndConnection) {
    const std::string text = composeResponse(textResponse("hi"), {.keepAlive = false});
    EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << text;
    EXPECT_NE(text.find("\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"), std::string::npos);
    const std::string head = composeResponse(textResponse("hi"), {.isHead = true});
    EXPECT_TRUE(head.ends_with("\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n")) << head;
}

TEST(HttpResponse, knowsTheWordsOfItsStatuses) {
    for (const int status : {200, 204, 304, 308, 400, 401, 403, 404, 405, 408,
                             413, 414, 415, 417, 422, 431, 500, 501, 503, 505})
        EXPECT_FALSE(reasonOf(status).empty()) << status;
}

}  // namespace
}  // namespace sluice
