#include <stdexcept>

#include "Requests.h"
#include "http/Cors.h"

namespace sluice {
namespace {

std::string value(const Cors::Fields& fields, std::string_view name) {
    for (const auto& [fieldName, text] : fields)
        if (fieldName == name) return text;
    return "";
}

HttpRequest from(std::string_view origin, std::string_view method = "GET") {
    return test::request(
        method, "/events/x",
        "Origin: " + std::string{origin} + "\r\nAccess-Control-Request-Method: GET\r\n");
}

TEST(Cors, saysNothingWhereNothingIsAllowed) {
    const Cors cors{{}};
    EXPECT_TRUE(cors.fields(from("https://a.example")).empty());
    EXPECT_TRUE(cors.preflightFields(from("https://a.example", "OPTIONS")).empty());
}

TEST(Cors, echoesAListedOriginOnly) {
    const Cors cors{{{"https://a.example", "https://b.example"}, true}};
    const auto fields = cors.fields(from("https://b.example"));
    EXPECT_EQ(value(fields, "Access-Control-Allow-Origin"), "https://b.example");
    EXPECT_EQ(value(fields, "Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(value(cors.fields(from("https://b.example.evil")), "Access-Control-Allow-Origin"),
              "");
}

TEST(Cors, variesByOriginAlsoForThoseWithoutOne) {
    const Cors cors{{{"https://a.example"}, false}};
    EXPECT_EQ(value(cors.fields(test::request("GET", "/")), "Vary"), "Origin");
    EXPECT_EQ(value(cors.fields(from("https://evil.example")), "Vary"), "Origin");
}

TEST(Cors, allowsAllWithAStarButNeverWithCredentials) {
    const Cors cors{{{"*"}, false}};
    EXPECT_EQ(value(cors.fields(from("https://any.example")), "Access-Control-Allow-Origin"), "*");
    EXPECT_THROW((Cors{{{"*"}, true}}), std::invalid_argument);
}

TEST(Cors, preflightAllowsWhatStreamsNeed) {
    const Cors cors{{{"https://a.example"}, false}};
    const auto fields = cors.preflightFields(from("https://a.example", "OPTIONS"));
    EXPECT_EQ(value(fields, "Access-Control-Allow-Headers"),
              "authorization, last-event-id, if-none-match, cache-control, content-type");
    EXPECT_TRUE(cors.preflightFields(from("https://evil.example", "OPTIONS")).empty());
}

TEST(Cors, letsPagesReadTheTagOfHistory) {
    constexpr std::string_view kField = "Access-Control-Expose-Headers";
    const Cors some{{{"https://a.example"}, false}}, all{{{"*"}, false}};
    EXPECT_EQ(value(some.fields(from("https://a.example")), kField), "ETag");
    EXPECT_EQ(value(all.fields(from("https://a.example")), kField), "ETag");
    EXPECT_EQ(value(some.fields(from("https://evil.example")), kField), "");
}

TEST(Cors, logsARefusedOriginOnceWithTheLineToAdd) {
    const Cors cors{{}};
    testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) cors.fields(from("https://a.example"));
    cors.fields(from("http://here"));  // the page's own origin
    const std::string log = testing::internal::GetCapturedStderr();
    const std::string line = "cors: { origins: [\"https://a.example\"] }";
    EXPECT_NE(log.find(line), std::string::npos) << log;
    EXPECT_EQ(log.find(line), log.rfind(line)) << log;
    EXPECT_EQ(log.find("http://here"), std::string::npos) << log;
}

}  // namespace
}  // namespace sluice
