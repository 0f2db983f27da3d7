#include <array>

#include <gtest/gtest.h>

#include "Audit.h"

namespace sluice::soak {
namespace {

// Four sequences on two channels; the reader asked for the first channel: sequences 0 and 2.
struct SoakAudit : testing::Test {
    void see(std::uint64_t sequence, std::initializer_list<std::uint64_t> numbers) {
        for (const std::uint64_t number : numbers) audit.see(sequence, number, findings, 7);
    }
    Audit audit{4, {true, false}};
    Findings findings;
};

TEST_F(SoakAudit, isCleanWhenEachNumberComesOnceAndInOrder) {
    see(0, {0, 1, 2});
    see(2, {0, 1});
    const std::array<std::uint64_t, 4> totals{3, 9, 2, 9};
    EXPECT_TRUE(audit.hasAll(totals));
    audit.finish(totals, findings, 7);
    EXPECT_TRUE(findings.clean());
    EXPECT_EQ(findings.delivered, 5u);
}

TEST_F(SoakAudit, countsWhatComesAgain) {
    see(0, {0, 1, 1, 0, 2});
    EXPECT_EQ(findings.doubled, 2u);
    EXPECT_EQ(findings.lost, 0u);
    EXPECT_EQ(findings.firstFault, "client 7, sequence 0: wanted 2, 1 came again");
}

TEST_F(SoakAudit, countsWhatIsSkippedAsUntoldUnlessAGapCameBefore) {
    see(0, {0, 3});
    EXPECT_EQ(findings.lost, 2u);
    EXPECT_EQ(findings.untold, 2u);
    audit.told();
    see(0, {5});
    EXPECT_EQ(findings.lost, 3u);
    EXPECT_EQ(findings.untold, 2u);
    see(0, {7});
    EXPECT_EQ(findings.untold, 3u) << "a gap that was told before must not excuse this one";
}

TEST_F(SoakAudit, findsWhatIsMissingAtTheEnd) {
    see(0, {0, 1});
    const std::array<std::uint64_t, 4> totals{4, 0, 1, 0};
    EXPECT_FALSE(audit.hasAll(totals));
    audit.finish(totals, findings, 7);
    EXPECT_EQ(findings.lost, 3u);
    EXPECT_EQ(findings.untold, 3u);
}

TEST_F(SoakAudit, callsForeignWhatWasNotAskedFor) {
    see(1, {0});
    see(4, {0});
    EXPECT_EQ(findings.foreign, 2u);
    EXPECT_FALSE(findings.clean());
}

TEST_F(SoakAudit, beginsAnywhereAfterItForgot) {
    see(0, {0, 1});
    audit.forget();
    see(0, {5, 6, 8});
    EXPECT_EQ(findings.lost, 1u);
    const std::array<std::uint64_t, 4> totals{9, 0, 5, 0};
    EXPECT_TRUE(audit.hasAll(totals));
}

}  // namespace
}  // namespace sluice::soak
