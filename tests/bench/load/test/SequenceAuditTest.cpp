#include <initializer_list>

#include <gtest/gtest.h>

#include "SequenceAudit.h"

namespace sluice::bench {
namespace {

SequenceAudit after(std::initializer_list<std::uint64_t> seqs) {
    SequenceAudit audit;
    for (const std::uint64_t seq : seqs) audit.see(seq);
    return audit;
}

TEST(SequenceAudit, findsNothingInAWholeSequenceThatBeginsAnywhere) {
    const SequenceAudit audit = after({7, 8, 9, 10});
    EXPECT_EQ(audit.received(), 4u);
    EXPECT_EQ(audit.missing() + audit.doubled() + audit.reordered(), 0u);
    EXPECT_EQ(audit.next(), 11u);
}

TEST(SequenceAudit, countsEveryNumberOfAHole) {
    EXPECT_EQ(after({1, 2, 6}).missing(), 3u);
}

TEST(SequenceAudit, countsADoubledNumberOnce) {
    const SequenceAudit audit = after({1, 2, 2, 3});
    EXPECT_EQ(audit.doubled(), 1u);
    EXPECT_EQ(audit.missing(), 0u);
}

TEST(SequenceAudit, callsALateNumberReorderedAndNotMissing) {
    const SequenceAudit audit = after({1, 4, 3, 5});
    EXPECT_EQ(audit.reordered(), 1u);
    EXPECT_EQ(audit.missing(), 1u);
    EXPECT_EQ(audit.doubled(), 0u);
}

TEST(SequenceAudit, callsALateNumberDoubledTheSecondTime) {
    const SequenceAudit audit = after({1, 5, 3, 3});
    EXPECT_EQ(audit.reordered(), 1u);
    EXPECT_EQ(audit.doubled(), 1u);
    EXPECT_EQ(audit.missing(), 2u);
}

TEST(SequenceAudit, missesWhatTheSourceSentBeforeAndAfter) {
    SequenceAudit audit = after({5, 6, 7});
    audit.expect(3, 9);
    EXPECT_EQ(audit.missing(), 4u);
}

TEST(SequenceAudit, missesAllWhenItSawNothing) {
    SequenceAudit audit;
    audit.expect(3, 9);
    EXPECT_EQ(audit.missing(), 7u);
}

TEST(SequenceAudit, expectsNothingBeyondWhatItSaw) {
    SequenceAudit audit = after({0, 1, 2, 3, 4});
    audit.expect(1, 3);
    EXPECT_EQ(audit.missing(), 0u);
}

}  // namespace
}  // namespace sluice::bench
