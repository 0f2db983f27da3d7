#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "settings/Settings.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

LoadResult loaded(const std::string& text, const Environment& environment = {}) {
    return load("f.yaml", text, environment);
}

/// "LINE:COLUMN CODE", warnings in brackets.
std::string codesOf(const std::string& text, const Environment& environment = {}) {
    std::string codes;
    for (const yaml::Problem& problem : loaded(text, environment).problems) {
        const yaml::Mark& mark = problem.where.begin;
        const std::string code =
            std::to_string(mark.line) + ':' + std::to_string(mark.column) + ' ' + problem.code;
        if (!codes.empty()) codes += ", ";
        codes += problem.isWarning ? '[' + code + ']' : code;
    }
    return codes;
}

const std::string kTokens = "auth: {tokens: [{name: a, token: b}]}\npublish: {key: k}\n";
const std::string kAllow = "channels: {'{x**}': {allow: 'true'}}\npublish: {key: k}\n";

TEST(AuthSettings, areOffWithoutTheKey) {
    EXPECT_FALSE(loaded("").settings.http.auth.isOn);
    EXPECT_FALSE(loaded("auth:\n").settings.http.auth.isOn);
}

TEST(AuthSettings, readTokensIssuersAndTheApplication) {
    const LoadResult result = loaded(R"(
auth:
  tokens:
    - {name: wall, token: "${WALL}", claims: {role: viewer, floors: [1, 2], text: "1"}}
    - {name: desk, sha256: B3EACD33433B31B5252351032C9B3E7A2E7AA7738D5DECDF0DD6C62680853C06}
  jwt:
    - {issuer: https://id.example, audience: [a, b], jwks: https://id.example/k, alg: [ES256, EdDSA], refresh: 1min}
    - {issuer: internal, audience: a, secret: "${SECRET}"}
  url: http://127.0.0.1:3000/whoami
  timeout: 1s
  concurrency: 4
  cache: 0
  when_down: last
  leeway: 0
  warn: 30s
  cookie: session
)" + kAllow,
                                     {{"WALL", "w"}, {"SECRET", std::string(32, 's')}});
    ASSERT_EQ(result.report(), "");
    const AuthOptions& auth = result.settings.http.auth;
    EXPECT_TRUE(auth.isOn);
    ASSERT_EQ(auth.tokens.size(), 2U);
    EXPECT_EQ(auth.tokens[0].digest, digestOf("w"));
    EXPECT_EQ(auth.tokens[0].claims, R"({"role":"viewer","floors":[1,2],"text":"1"})");
    EXPECT_EQ(auth.tokens[1].digest[0], 0xb3);
    ASSERT_EQ(auth.issuers.size(), 2U);
    EXPECT_EQ(auth.issuers[0].algorithms,
              (std::vector<Algorithm>{Algorithm::ES256, Algorithm::EdDSA}));
    EXPECT_EQ(auth.issuers[0].audiences, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(auth.issuers[0].refresh, 1min);
    EXPECT_EQ(auth.issuers[1].algorithms, std::vector<Algorithm>{Algorithm::HS256});
    EXPECT_EQ(auth.forward.url, "http://127.0.0.1:3000/whoami");
    EXPECT_EQ(auth.forward.concurrency, 4U);
    EXPECT_EQ(auth.forward.cache, 0ms);
    EXPECT_EQ(auth.forward.down, ForwardOptions::Down::Last);
    EXPECT_EQ(auth.leeway, 0ms);
    EXPECT_EQ(auth.warn, 30s);
    EXPECT_EQ(auth.cookie, "session");
}

TEST(AuthSettings, refuseWhatCannotBeUsed) {
    EXPECT_EQ(codesOf("auth: {}\n" + kAllow), "1:7 auth");
    EXPECT_EQ(codesOf("auth: {tokens: [{name: a}]}\n" + kAllow), "1:17 one-of");
    EXPECT_EQ(codesOf("auth: {tokens: [{token: a}]}\n" + kAllow), "1:17 missing-key");
    EXPECT_EQ(codesOf("auth: {tokens: [{name: a, token: ''}]}\n" + kAllow), "1:34 no-value");
    EXPECT_EQ(codesOf("auth: {tokens: [{name: a, sha256: abc}]}\n" + kAllow), "1:35 sha256");
    EXPECT_EQ(codesOf("auth: {tokens: [{name: a, token: b, sha256: abc}]}\n" + kAllow),
              "1:17 one-of");
    EXPECT_EQ(codesOf("auth: {tokens: [{name: a, token: b}, {name: a, token: c}]}\n" + kAllow),
              "1:38 name");
    EXPECT_EQ(codesOf("auth: {jwt: [{issuer: a, secret: short}]}\n" + kAllow), "1:34 key");
    EXPECT_EQ(codesOf("auth: {jwt: [{issuer: a, key: no PEM}]}\n" + kAllow), "1:31 key");
    EXPECT_EQ(codesOf("auth: {jwt: [{issuer: a, jwks: 'http://'}]}\n" + kAllow), "1:32 url");
    EXPECT_EQ(codesOf("auth: {jwt: [{issuer: a, jwks: f, alg: none}]}\n" + kAllow), "1:40 choice");
    EXPECT_EQ(codesOf("auth: {jwt: [{issuer: a, jwks: f}, {issuer: a, jwks: g}]}\n" + kAllow),
              "1:45 issuer");
    EXPECT_EQ(codesOf("auth: {url: 'ftp://x/'}\n" + kAllow), "1:7 auth, 1:13 url");
    EXPECT_EQ(codesOf("auth: {tokens: [{name: a, token: b}], cookie: 'a b'}\n" + kAllow),
              "1:47 cookie");
    EXPECT_EQ(codesOf("auth: {tokens: {name: a}}\n" + kAllow), "1:16 kind");
}

TEST(AuthSettings, compileRulesInTheOrderOfTheFile) {
    const LoadResult result =
        loaded(kTokens +
               "channels:\n  t/{tenant}/{rest**}: {allow: claims.tenant == tenant}\n"
               "  open/{x}: {allow: 'true'}\n  '{any**}': {}\n");
    const std::vector<AccessRule>& rules = result.settings.http.rules;
    ASSERT_EQ(rules.size(), 3U);
    EXPECT_EQ(rules[0].pattern().text(), "t/{tenant}/{rest**}");
    EXPECT_FALSE(rules[1].isClosed());
    EXPECT_TRUE(rules[2].isClosed());
}

TEST(AuthSettings, pointIntoWrongRules) {
    EXPECT_EQ(codesOf(kTokens + "channels: {'t/{x}': {allow: claims.a == y}}\n"),
              "3:41 unknown-name");
    EXPECT_EQ(codesOf(kTokens + "channels: {'t/{claims}': {allow: 'true'}}\n"), "3:12 hidden");
    EXPECT_EQ(codesOf(kTokens + "channels: {'t/{x}': {allow: \"'text'\"}}\n"), "3:30 type");
}

TEST(AuthSettings, warnOfWhatDecidesNothingAndOfWhatNobodyMayRead) {
    EXPECT_EQ(codesOf("channels: {a: {allow: 'true'}}\npublish: {key: k}\n"),
              "[1:23 allow-without-auth]");
    EXPECT_EQ(codesOf(kTokens + "channels: {a: {}, b: {allow: 'true'}}\n"), "[3:12 no-allow]");
    EXPECT_EQ(codesOf(kTokens), "[1:7 no-allow]");
    EXPECT_EQ(codesOf("listen: :8080\n" + kTokens + "channels: {b: {allow: 'true'}}\n"), "");
    EXPECT_EQ(codesOf("publish: {claims: [a]}\n"), "[1:19 publish-claims]");
}

TEST(AuthSettings, readKeysThatPublish) {
    const LoadResult result =
        loaded("publish: {key: a, keys: [{key: b, channels: ['x/{y}'], rate: 100/s}, {key: c}]}\n");
    ASSERT_EQ(result.report(), "");
    const PublishOptions& publish = result.settings.http.publish;
    EXPECT_EQ(publish.keys, (std::vector<PublishKey>{{"b", {"x/{y}"}, 100}, {"c", {}, 0}}));
    EXPECT_EQ(codesOf("publish: {keys: [{key: b, rate: 10}]}\n"), "1:33 rate");
    EXPECT_EQ(codesOf("publish: {key: k, keys: [{rate: 0/s}]}\n"), "1:26 missing-key, 1:33 rate");
    EXPECT_EQ(codesOf("publish: {keys: [{key: 'a b'}]}\n"), "1:24 key-text");
}

TEST(AuthSettings, readTheKeysOfOperators) {
    const AdminOptions both =
        loaded("admin: {listen: ':1', read_key: r, operator_key: o}\n").settings.http.admin;
    EXPECT_EQ(both.readKey, "r");
    EXPECT_EQ(both.operatorKey, "o");
    EXPECT_EQ(codesOf("admin: {key: k, operator_key: o}\npublish: {key: k}\n"), "1:14 admin-key");
    EXPECT_EQ(codesOf("admin: {listen: ':1', read_key: r}\npublish: {key: k}\n"), "");
}

class SecretFiles : public testing::Test {
  protected:
    ~SecretFiles() override { std::filesystem::remove(path_); }
    std::string write(std::string_view text) {
        std::ofstream{path_, std::ios::binary} << text;
        return "publish: {key: \"${file:" + path_ + "}\"}\n";
    }
    // Tests run side by side.
    const std::string path_ = testing::TempDir() + "sluice-secret-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SecretFiles, areReadWithoutTheirLineEnd) {
    EXPECT_EQ(loaded(write("s3cret\n")).settings.http.publish.key, "s3cret");
    EXPECT_EQ(loaded(write("s3cret")).settings.http.publish.key, "s3cret");
}

TEST_F(SecretFiles, areNotShown) {
    const std::string report = loaded(write("two words")).report();
    EXPECT_NE(report.find("[key-text]"), std::string::npos) << report;
    EXPECT_EQ(report.find("two words"), std::string::npos) << report;
}

TEST_F(SecretFiles, haveABoundAndADefault) {
    EXPECT_EQ(codesOf(write(std::string((64u << 10) + 1, 'a'))), "1:17 unreadable-file");
    EXPECT_EQ(codesOf("publish: {key: '${file:/no/such/file}'}\n"), "1:17 unreadable-file");
    EXPECT_EQ(loaded("publish: {key: '${file:/no/such/file:-x}'}\n").settings.http.publish.key,
              "x");
}

}  // namespace
}  // namespace sluice
