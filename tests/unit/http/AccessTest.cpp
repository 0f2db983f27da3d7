#include <atomic>
#include <stdexcept>

#include "Requests.h"
#include "http/AuthenticatingHandler.h"
#include "http/HistoryHandler.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

AuthOptions options() {
    AuthOptions made;
    made.isOn = true;
    made.cookie = "session";
    made.tokens = {{"ann", digestOf("ann-token"), R"({"tenant": "acme", "exp": 1700000100})"},
                   {"old", digestOf("old-token"), R"({"tenant": "acme"})"}};
    return made;
}

std::vector<AccessRule> rules() {
    std::vector<AccessRule> made;
    for (const auto& [channels, allow] :
         {std::pair{"tenants/{tenant}/{rest**}", "claims.tenant == tenant"},
          std::pair{"office", "address == '192.0.2.7' && origin == 'https://a.example'"}}) {
        std::vector<cel::Problem> problems;
        made.push_back(
            AccessRule::compile(Pattern::parse(channels, '/', nullptr).value(), allow, problems)
                .value());
    }
    return made;
}

/// Answers with the subject of whoever asks and may read tenants/acme/a.
class WhoAmI final : public CallerHandler {
  public:
    std::optional<HttpResponse> handle(const HttpRequest&, const Caller& caller,
                                       HttpConnection&) override {
        if (auto refusal = caller.refusal({"tenants/acme/a"}, "channels")) return refusal;
        return textResponse(caller.isAnybody() ? "anybody" : caller.subject());
    }
};

class AccessTest : public testing::Test {
  protected:
    HttpResponse ask(std::string_view target, std::string_view fields = {}) {
        AuthenticatingHandler handler{whoAmI_, &access_, {tasks_, tasks_}};
        test::PairConnection connection;
        return handler.handle(test::request("GET", target, fields), connection).value();
    }
    Caller caller(std::string_view fields) {
        const HttpRequest request = test::request("GET", "/", fields);
        return access_.caller(std::get<Verdict>(access_.look(request)), request);
    }

    ManualClock clock_;
    Access access_{options(), rules(), clock_};
    Tasks tasks_{0, 0};
    WhoAmI whoAmI_;
};

TEST_F(AccessTest, takesATokenFromHeaderCookieAndQuery) {
    EXPECT_EQ(ask("/", "Authorization: Bearer ann-token\r\n").body, "ann");
    EXPECT_EQ(ask("/", "Cookie: a=b; session=ann-token; c=d\r\n").body, "ann");
    EXPECT_EQ(ask("/", "Cookie: session=\"ann-token\"\r\n").body, "ann");
    EXPECT_EQ(ask("/?x=1&access_token=ann-token").body, "ann");
    for (const char* const fields :
         {"Cookie: xsession=ann-token\r\n", "Cookie: session\r\n", "Authorization: Basic a\r\n"})
        EXPECT_EQ(ask("/", fields).status, 401) << fields;
}

TEST_F(AccessTest, knowsACertificateWhereNoTokenIsSent) {
    auto certificate = std::make_shared<ClientCertificate>();
    certificate->subject = "CN=wall";
    certificate->attributes = {{"CN", "wall"}};
    certificate->fingerprint = "f00d";
    certificate->notBeforeS = 1'600'000'000;
    certificate->notAfterS = 1'700'000'050;
    const auto judge = [&](std::string_view fields) {
        return std::get<Verdict>(
            access_.look(test::request("GET", "/", fields, {}, "HTTP/1.1", certificate)));
    };
    EXPECT_EQ(judge("").subject, "CN=wall");
    EXPECT_FALSE(judge("").isOfStranger);
    EXPECT_EQ(judge("Authorization: Bearer ann-token\r\n").subject, "ann");
    EXPECT_EQ(judge("Authorization: Bearer wrong\r\n").refusal, Refusal::Unknown);
    access_.revocations().add({"", "f00d"}, clock_.wallMs(), clock_.wallMs() + 10'000);
    EXPECT_EQ(judge("").refusal, Refusal::Revoked);
    clock_.advance(std::chrono::seconds{50});
    EXPECT_EQ(judge("").refusal, Refusal::Expired);
    certificate->attributes = {{"CN", "\xff"}};
    EXPECT_EQ(judge("").refusal, Refusal::Certificate);
}

TEST_F(AccessTest, letsAStrangerReadWhatIsForEverybody) {
    std::vector<cel::Problem> problems;
    access_.reload(
        options(),
        {AccessRule::compile(Pattern::parse("public/{x}", '/', nullptr).value(), "true", problems)
             .value()});
    EXPECT_FALSE(caller("").refusal({"public/a"}, "channels"));
    EXPECT_EQ(caller("").refusal({"public/a", "b"}, "channels")->status, 401);
    EXPECT_EQ(caller("Authorization: Bearer ann-token\r\n").refusal({"b"}, "channels")->status,
              403);
}

TEST_F(AccessTest, saysWhatIsWrong) {
    const HttpResponse none = ask("/");
    EXPECT_EQ(none.status, 401);
    EXPECT_EQ(test::field(none, "WWW-Authenticate"), "Bearer realm=\"sluice\"");
    const HttpResponse unknown = ask("/?access_token=wrong-token");
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(test::field(unknown, "WWW-Authenticate"),
              "Bearer realm=\"sluice\", error=\"invalid_token\", error_description=\"the token is "
              "not known here\"");
    EXPECT_EQ(unknown.body.find("wrong-token"), std::string::npos) << "it is a secret all the same";
    const AccessCounts counts = access_.counts();
    EXPECT_EQ(counts.refused[static_cast<std::size_t>(Refusal::NoToken)], 1U);
    EXPECT_EQ(counts.refused[static_cast<std::size_t>(Refusal::Unknown)], 1U);
}

TEST_F(AccessTest, tellsCachesWhatItsAnswersDependOn) {
    EXPECT_EQ(test::field(ask("/", "Authorization: Bearer ann-token\r\n"), "Vary"),
              "Authorization, Cookie, Origin");
    AuthOptions plain = options();
    plain.cookie.clear();
    access_.reload(plain, rules());
    EXPECT_EQ(access_.dependsOn(), "Authorization, Origin") << "a rule looks at the origin";
    access_.reload(plain, {rules().front()});
    EXPECT_EQ(access_.dependsOn(), "Authorization");
    plain.forward.url = "http://127.0.0.1:1/";
    access_.reload(plain, {rules().front()});
    EXPECT_EQ(access_.dependsOn(), "Authorization, Cookie, Origin");
}

TEST_F(AccessTest, tellsGuessesFromTokensThatEnded) {
    EXPECT_EQ(ask("/", "Authorization: Bearer wrong-token\r\n").guess, HttpResponse::Guess::Key);
    clock_.advance(std::chrono::seconds{100});
    const HttpResponse ended = ask("/", "Authorization: Bearer ann-token\r\n");
    EXPECT_EQ(ended.status, 401);
    EXPECT_EQ(ended.guess, HttpResponse::Guess::None);
}

TEST_F(AccessTest, namesTheChannelAndTheRule) {
    const Caller ann = caller("Authorization: Bearer ann-token\r\n");
    EXPECT_FALSE(ann.refusal({"tenants/acme/a", "tenants/acme/{x}"}, "channels"));
    const auto refused = ann.refusal({"tenants/acme/a", "tenants/globex/a", "b"}, "channels");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 403);
    EXPECT_NE(refused->body.find("tenants/globex/a"), std::string::npos);
    EXPECT_NE(refused->body.find(R"(\"tenants/{tenant}/{rest**}\")"), std::string::npos);
    const auto unruled = ann.refusal({"b"}, "channels");
    EXPECT_NE(unruled->body.find("no rule allows anybody to read b"), std::string::npos);
    EXPECT_TRUE(ann.refusal({"office"}, "channels"));
    EXPECT_FALSE(caller("Authorization: Bearer ann-token\r\nOrigin: https://a.example\r\n")
                     .refusal({"office"}, "channels"));
}

TEST_F(AccessTest, guardsPatternsThatReachOnlySome) {
    const Caller ann = caller("Authorization: Bearer ann-token\r\n");
    EXPECT_FALSE(ann.guardFor({"tenants/acme/a", "tenants/acme/{x}"})) << "all of it is allowed";
    const ChannelGuardPtr guard = ann.guardFor({"tenants/{t}/a"});
    ASSERT_TRUE(guard);
    EXPECT_TRUE(guard->allows("tenants/acme/a"));
    EXPECT_FALSE(guard->allows("tenants/globex/a"));
}

TEST_F(AccessTest, givesStreamsTheirEnd) {
    const auto ann = caller("Authorization: Bearer ann-token\r\n").admission();
    ASSERT_TRUE(ann);
    EXPECT_EQ(ann->subject, "ann");
    EXPECT_EQ(ann->endsMs, 1'700'000'100'000);
    EXPECT_EQ(caller("Authorization: Bearer old-token\r\n").admission()->endsMs, 0);
    EXPECT_FALSE(Caller::anybody().admission());
}

TEST_F(AccessTest, letsEverybodyInWithoutAuth) {
    AuthenticatingHandler handler{whoAmI_, nullptr, {tasks_, tasks_}};
    test::PairConnection connection;
    EXPECT_EQ(handler.handle(test::request("GET", "/"), connection)->body, "anybody");
    EXPECT_FALSE(Caller::anybody().refusal({"whatever"}, "channels"));
    EXPECT_FALSE(Caller::anybody().guardFor({"{all**}"}));
}

TEST_F(AccessTest, takesOtherRulesFromAReloadOn) {
    access_.reload(options(), {});
    EXPECT_TRUE(
        caller("Authorization: Bearer ann-token\r\n").refusal({"tenants/acme/a"}, "channels"));
}

TEST_F(AccessTest, tellsWhatIsGoneByAReload) {
    const auto source = [&](const char* token) {
        return std::get<Verdict>(
                   access_.look(test::request(
                       "GET", "/", "Authorization: Bearer " + std::string{token} + "\r\n")))
            .source;
    };
    const std::uint32_t ann = source("ann-token"), old = source("old-token");
    EXPECT_NE(ann, 0U);
    EXPECT_NE(ann, old);
    EXPECT_TRUE(access_.reload(options(), rules()).empty());
    AuthOptions other = options();
    other.tokens[1].claims = "{}";
    other.tokens.push_back({"new", digestOf("new-token"), "{}"});
    EXPECT_EQ(access_.reload(other, rules()), std::vector<std::uint32_t>{old});
    EXPECT_EQ(source("ann-token"), ann);
    EXPECT_NE(source("old-token"), old) << "whoever comes now is not dismissed";
    EXPECT_EQ(access_.reload(options(), rules()).size(), 2U);
    EXPECT_EQ(source("ann-token"), ann);
    EXPECT_NE(source("old-token"), old);
}

TEST_F(AccessTest, aReloadThatCannotBeChangesNothing) {
    AuthOptions bad;
    bad.isOn = true;
    bad.issuers.emplace_back().issuer = "without-a-key";
    EXPECT_THROW(access_.reload(bad, {}), std::invalid_argument);
    EXPECT_EQ(ask("/", "Authorization: Bearer ann-token\r\n").body, "ann");
}

TEST(Tasks, growAndShrink) {
    Tasks tasks{0, 10};
    std::atomic<int> runs{0};
    const auto offer = [&] {
        std::function<void()> task = [&runs] { ++runs; };
        return tasks.run(task);
    };
    tasks.start();
    EXPECT_FALSE(offer()) << "nobody would run it";
    tasks.resize(3);
    EXPECT_TRUE(offer());
    tasks.resize(1);
    EXPECT_TRUE(offer());
    tasks.resize(0);
    while (offer()) std::this_thread::yield();
    tasks.resize(1);
    const int before = runs;
    while (!offer()) std::this_thread::yield();
    while (runs == before) std::this_thread::yield();
    tasks.stop();
}

TEST(Tasks, haveABoundAndEndWithWhatTheyDo) {
    Tasks tasks{1, 2};
    int runs = 0;
    const auto offer = [&] {
        std::function<void()> task = [&runs] { ++runs; };
        return tasks.run(task);
    };
    EXPECT_FALSE(offer()) << "nothing runs yet";
    tasks.start();
    std::mutex mutex;
    mutex.lock();
    std::function<void()> waits = [&mutex] { const std::lock_guard lock{mutex}; };
    ASSERT_TRUE(tasks.run(waits));
    // The one that waits is taken at some time; then two more fit.
    while (offer()) std::this_thread::yield();
    mutex.unlock();
    tasks.stop();
    EXPECT_FALSE(offer());
    EXPECT_LE(runs, 3);
}

}  // namespace
}  // namespace sluice
