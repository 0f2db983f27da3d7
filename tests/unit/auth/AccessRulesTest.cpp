#include <gtest/gtest.h>

#include "auth/AccessRules.h"

namespace sluice {
namespace {

using Reach = AccessRules::Reach;

Pattern pattern(std::string_view text) {
    return Pattern::parse(text, '/', nullptr).value();
}

std::shared_ptr<const AccessRules> rules(
    const std::vector<std::pair<std::string, std::string>>& texts) {
    std::vector<AccessRule> made;
    for (const auto& [channels, allow] : texts) {
        std::vector<cel::Problem> problems;
        if (allow.empty())
            made.emplace_back(pattern(channels));
        else
            made.push_back(AccessRule::compile(pattern(channels), allow, problems).value());
    }
    return std::make_shared<const AccessRules>(std::move(made));
}

class AccessRulesTest : public testing::Test {
  protected:
    Reach reach(std::string_view channels, const ClaimsPtr& claims) const {
        return rules_->decide({claims.get(), "192.0.2.7", ""}, pattern(channels)).reach;
    }

    const std::shared_ptr<const AccessRules> rules_ = rules({
        {"tenants/{tenant}/secret", ""},
        {"tenants/{tenant}/{rest**}", "claims.tenant == tenant"},
        {"public/{rest**}", "true"},
        {"office/{x}", "address.startsWith('192.0.2.') && origin == ''"},
        {"mixed-{a}-{b}", "a == 'x'"},
    });
    const ClaimsPtr acme_ = Claims::parse(R"({"tenant": "acme"})");
    const ClaimsPtr nobody_ = Claims::parse("{}");
};

TEST_F(AccessRulesTest, theFirstThatMatchesDecides) {
    EXPECT_EQ(reach("tenants/acme/orders", acme_), Reach::All);
    EXPECT_EQ(reach("tenants/globex/orders", acme_), Reach::None);
    EXPECT_EQ(reach("tenants/acme/secret", acme_), Reach::None);
    EXPECT_EQ(reach("tenants/acme/orders", nobody_), Reach::None) << "a missing claim";
    EXPECT_EQ(reach("public/news/today", nobody_), Reach::All);
    EXPECT_EQ(reach("office/1", nobody_), Reach::All);
    EXPECT_EQ(reach("elsewhere", acme_), Reach::None);
    EXPECT_EQ(rules_->decide({acme_.get(), "", ""}, pattern("elsewhere")).rule, nullptr);
}

TEST_F(AccessRulesTest, aPatternReachesWhatIsAllowed) {
    EXPECT_EQ(reach("{all**}", acme_), Reach::Some);
    EXPECT_EQ(reach("tenants/{t}/orders", acme_), Reach::Some);
    EXPECT_EQ(reach("tenants/acme/{x**}", acme_), Reach::Some) << "but not the secret";
    EXPECT_EQ(reach("tenants/acme/eu/{x**}", acme_), Reach::All);
    EXPECT_EQ(reach("tenants/globex/{x**}", acme_), Reach::None);
    EXPECT_EQ(reach("public/{x**}", nobody_), Reach::All);
    EXPECT_EQ(reach("public/{x}", nobody_), Reach::All);
    EXPECT_EQ(reach("else/{x}", acme_), Reach::None);
    EXPECT_EQ(reach("mixed-{c}-y", nobody_), Reach::Some) << "{c} moves where a and b meet";
}

TEST_F(AccessRulesTest, aGuardDecidesForEachChannel) {
    const auto guard = rules_->guardFor(acme_, {acme_.get(), "192.0.2.7", ""});
    EXPECT_TRUE(guard->allows("tenants/acme/orders"));
    EXPECT_FALSE(guard->allows("tenants/globex/orders"));
    EXPECT_FALSE(guard->allows("tenants/acme/secret"));
    EXPECT_FALSE(guard->allows("elsewhere"));
    EXPECT_TRUE(guard->reaches("{all**}"));
    EXPECT_FALSE(guard->reaches("tenants/globex/{x**}"));
}

TEST_F(AccessRulesTest, askersThatNoRuleTellsApartShareAGuard) {
    const ClaimsPtr twin = Claims::parse(R"({"tenant": "acme", "jti": "2"})");
    const ClaimsPtr other = Claims::parse(R"({"tenant": "globex"})");
    const auto of = [&](const ClaimsPtr& claims, std::string_view address) {
        return rules_->guardFor(claims, {claims.get(), address, ""});
    };
    const auto first = of(acme_, "192.0.2.7");
    EXPECT_EQ(first, of(twin, "192.0.2.7"));
    EXPECT_NE(first, of(other, "192.0.2.7"));
    EXPECT_NE(first, of(acme_, "192.0.2.8"));
}

/// Whatever decide() says of a pattern holds for each channel of it.
TEST_F(AccessRulesTest, sayOfAPatternWhatHoldsForItsChannels) {
    const std::vector<std::string> levels{"tenants", "acme",      "globex",      "public", "secret",
                                          "office",  "mixed-x-y", "mixed-x-1-y", "a-b"};
    std::vector<std::string> channels;
    for (const std::string& one : levels) {
        channels.push_back(one);
        for (const std::string& two : levels) {
            channels.push_back(one + '/' + two);
            for (const std::string& three : levels)
                channels.push_back(one + '/' + two + '/' + three);
        }
    }
    for (const char* const text :
         {"{a**}", "{a}/{b}", "tenants/{a}/{b**}", "tenants/acme/{a**}", "tenants/acme/{a}",
          "{a}/acme/{b}", "public/{a**}", "office/{a}", "mixed-{a}", "mixed-{a}-y", "{a}-{b}",
          "tenants/{a}/secret", "tenants/globex/{a}"}) {
        const Pattern asked = pattern(text);
        const Reach reached = reach(text, acme_);
        for (const std::string& channel : channels) {
            if (!asked.matches(channel) || reached == Reach::Some) continue;
            const Asker asker{acme_.get(), "192.0.2.7", ""};
            EXPECT_EQ(rules_->allows(asker, channel), reached == Reach::All)
                << channel << " of " << text;
        }
    }
}

TEST(AccessRule, saysWhatIsWrongWithItsExpression) {
    std::vector<cel::Problem> problems;
    EXPECT_FALSE(AccessRule::compile(pattern("a/{x}"), "claims.a == y", problems));
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems.front().offset, 12U);
    problems.clear();
    EXPECT_FALSE(AccessRule::compile(pattern("a"), "'text'", problems));
    EXPECT_NE(problems.at(0).message.find("true or false"), std::string::npos);
}

TEST(AccessRule, endsWhereItCostsTooMuch) {
    std::string list = "[";
    for (int i = 0; i < 200; ++i) list += "1,";
    list += "1]";
    const std::string dear = list + ".all(a, " + list + ".all(b, a == b || a != b))";
    const auto costly = rules({{"{x**}", dear}});
    const ClaimsPtr claims = Claims::parse("{}");
    EXPECT_FALSE(costly->allows({claims.get(), "", ""}, "a"));
}

}  // namespace
}  // namespace sluice
