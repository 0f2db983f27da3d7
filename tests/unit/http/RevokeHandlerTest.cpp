#include "Requests.h"
#include "http/RevokeHandler.h"
#include "support/ManualClock.h"

namespace sluice {
namespace {

class RevokeHandlerTest : public testing::Test {
  protected:
    HttpResponse post(std::string_view body, std::string_view fields = {}) {
        test::PairConnection connection;
        return handler_.handle(test::request("POST", "/revoke", fields, body), connection).value();
    }

    ManualClock clock_;
    Revocations revocations_;
    std::vector<Dismissal> dismissed_;
    RevokeHandler handler_{&revocations_,
                           [this](const Dismissal& one) { dismissed_.push_back(one); }, clock_};
};

TEST_F(RevokeHandlerTest, revokesAndDismisses) {
    EXPECT_EQ(post(R"({"subject": "ann"})").body, "{\"revoked\":1}\n");
    EXPECT_EQ(post(R"({"token": "t1", "until": 1800000000})").status, 200);
    ASSERT_EQ(dismissed_.size(), 2U);
    EXPECT_EQ(dismissed_[0].subject, "ann");
    EXPECT_EQ(dismissed_[1].tokenId, "t1");
    EXPECT_TRUE(revocations_.isRevoked("ann", "", std::nullopt, clock_.wallMs()));
    EXPECT_TRUE(revocations_.isRevoked("", "t1", std::nullopt, clock_.wallMs()));
    EXPECT_FALSE(revocations_.isRevoked("", "t1", std::nullopt, 1'800'000'000'000));
}

TEST_F(RevokeHandlerTest, saysWhatIsWrongAndRevokesNothing) {
    for (const char* const body :
         {"", "[]", "{}", R"({"subject": ""})", R"({"subject": 7})", R"({"who": "ann"})",
          R"({"subject": "a", "token": "b"})", R"({"subject": "a", "until": "soon"})",
          R"({"subject": "a", "until": 1.5})", R"({"subject": "a", "until": -1})"})
        EXPECT_EQ(post(body).status, 400) << body;
    EXPECT_EQ(post(R"({"subject": "ann"})", "Origin: https://evil.example\r\n").status, 403);
    EXPECT_TRUE(dismissed_.empty());
    EXPECT_EQ(revocations_.size(), 0U);
}

}  // namespace
}  // namespace sluice
