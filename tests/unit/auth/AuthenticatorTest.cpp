#include "unit/auth/Vectors.h"

namespace sluice {
namespace {

using test::vectors;

AuthOptions options() {
    AuthOptions made;
    made.isOn = true;
    made.tokens = {{"wall", digestOf("wall-token"), R"({"role": "viewer"})"},
                   {"desk", digestOf("desk-token"), R"({"sub": "eve", "jti": "d1"})"}};
    made.issuers = {test::issuerWithJwks()};
    return made;
}

std::string es256() {
    for (const Json& one : vectors().find("tokens")->items())
        if (one.textAt("alg") == "ES256") return std::string{one.textAt("token")};
    return {};
}

class AuthenticatorTest : public testing::Test {
  protected:
    ManualClock clock_{test::Judge::kNowMs};
    std::string keys_{vectors().textAt("jwks")};
    Revocations revocations_;
    Authenticator authenticator_{options(), [this](const std::string&) { return keys_; },
                                 revocations_, clock_};
};

TEST_F(AuthenticatorTest, knowsStaticTokensByTheirHash) {
    const Verdict wall = authenticator_.judge("wall-token");
    ASSERT_EQ(wall.refusal, Refusal::None);
    EXPECT_EQ(wall.subject, "wall");
    EXPECT_EQ(wall.claims->textAt("role"), "viewer");
    EXPECT_EQ(authenticator_.judge("desk-token").subject, "eve");
    for (const char* const token : {"", "wall-toke", "wall-token ", "WALL-TOKEN", "wall"})
        EXPECT_EQ(authenticator_.judge(token).refusal, Refusal::Unknown) << token;
}

TEST_F(AuthenticatorTest, waitsForKeysThatAreToCome) {
    const Verdict before = authenticator_.judge(es256());
    EXPECT_EQ(before.refusal, Refusal::Unavailable);
    const auto read = authenticator_.askForKeys(before);
    ASSERT_TRUE(read);
    authenticator_.start();
    EXPECT_EQ(authenticator_.judgeAfter(before, *read, es256()).refusal, Refusal::None);
}

TEST_F(AuthenticatorTest, refusesWhatWasRevoked) {
    authenticator_.start();
    const Verdict before = authenticator_.judge(es256());
    if (const auto read = authenticator_.askForKeys(before))
        authenticator_.judgeAfter(before, *read, es256());
    ASSERT_EQ(authenticator_.judge(es256()).refusal, Refusal::None);
    EXPECT_TRUE(revocations_.add({"", "1"}, clock_.wallMs(), clock_.wallMs() + 1'000));
    EXPECT_EQ(authenticator_.judge(es256()).refusal, Refusal::Revoked);
    clock_.advance(std::chrono::seconds{1});
    EXPECT_EQ(authenticator_.judge(es256()).refusal, Refusal::None);
    EXPECT_TRUE(revocations_.add({"wall", ""}, clock_.wallMs(), 0));
    EXPECT_EQ(authenticator_.judge("wall-token").refusal, Refusal::Revoked);
    EXPECT_EQ(authenticator_.judge("desk-token").refusal, Refusal::None);
}

TEST_F(AuthenticatorTest, beginsWithTheKeysThatAnotherOneKnows) {
    authenticator_.start();
    const Verdict before = authenticator_.judge(es256());
    if (const auto read = authenticator_.askForKeys(before))
        authenticator_.judgeAfter(before, *read, es256());
    AuthOptions other = options();
    other.issuers.front().refresh = std::chrono::hours{1};
    const auto unreachable = [](const std::string&) -> std::string {
        throw std::runtime_error{"nobody is there"};
    };
    const Authenticator next{other, unreachable, revocations_, clock_, &authenticator_};
    EXPECT_EQ(next.judge(es256()).refusal, Refusal::None);
    other.issuers.front().jwks = "http://other.example/jwks.json";
    const Authenticator elsewhere{other, unreachable, revocations_, clock_, &authenticator_};
    EXPECT_EQ(elsewhere.judge(es256()).refusal, Refusal::Unavailable);
}

TEST(Revocations, leaveTokensThatWereIssuedLater) {
    Revocations revocations;
    EXPECT_TRUE(revocations.add({"ann", ""}, 5'000, 0));
    EXPECT_TRUE(revocations.isRevoked("ann", "", 4'000, 6'000));
    EXPECT_TRUE(revocations.isRevoked("ann", "", 5'000, 6'000));
    EXPECT_TRUE(revocations.isRevoked("ann", "", std::nullopt, 6'000));
    EXPECT_FALSE(revocations.isRevoked("ann", "", 6'000, 7'000));
    EXPECT_FALSE(revocations.isRevoked("bob", "", 4'000, 6'000));
}

TEST(Revocations, areBoundedAndNeverForgottenInSilence) {
    Revocations revocations;
    for (std::size_t i = 0; i + 1 < Revocations::kMax; ++i)
        ASSERT_TRUE(revocations.add({"", std::to_string(i)}, 0, 0));
    EXPECT_TRUE(revocations.add({"", "passes"}, 0, 10));
    EXPECT_FALSE(revocations.add({"ann", ""}, 5, 0));
    EXPECT_TRUE(revocations.add({"", "0"}, 5, 0)) << "it is there already";
    EXPECT_TRUE(revocations.add({"ann", ""}, 10, 0)) << "one has passed";
    EXPECT_EQ(revocations.size(), Revocations::kMax);
}

}  // namespace
}  // namespace sluice
