#include <gtest/gtest.h>

#include "input/SourceSeeks.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

class SourceSeeksTest : public testing::Test {
  protected:
    using Families = std::vector<SourcePlaces::Family>;

    void add(std::vector<SourceSeeks::Ask> asks, std::int64_t timeMs = 7) {
        seeks.add(std::move(asks), timeMs, begin + 5s,
                  [this](Families found) { answers.push_back(std::move(found)); });
    }

    const SourceSeeks::Time begin{};
    std::vector<Families> answers;
    SourceSeeks seeks;
};

TEST_F(SourceSeeksTest, asksEachQuestionByItselfAndOnce) {
    add({{"t", 1}, {"u", 2}}, 7);
    add({{"t", 1}}, 8);
    const auto questions = seeks.begin();
    ASSERT_EQ(questions.size(), 2u);
    EXPECT_EQ(questions[0].timeMs, 7);
    EXPECT_EQ(questions[0].families, (std::vector<std::string>{"t", "u"}));
    EXPECT_EQ(questions[1].timeMs, 8);
    EXPECT_NE(questions[0].id, questions[1].id);
    EXPECT_TRUE(seeks.begin().empty());
}

TEST_F(SourceSeeksTest, answersWhenAllFamiliesHave) {
    add({{"t", 1}, {"u", 2}});
    const std::uint64_t id = seeks.begin()[0].id;
    EXPECT_TRUE(seeks.answered(id, "t", {{3, 0}, {4, 0}}));
    EXPECT_TRUE(answers.empty());
    EXPECT_TRUE(seeks.answered(id, "u", {}));
    ASSERT_EQ(answers.size(), 1u);
    ASSERT_EQ(answers[0].size(), 1u) << "one could not say";
    EXPECT_EQ(answers[0][0].hash, 1u);
    EXPECT_EQ(answers[0][0].lanes, (std::vector<Position>{{3, 0}, {4, 0}}));
}

TEST_F(SourceSeeksTest, refusesAnswersThatNobodyAskedFor) {
    add({{"t", 1}});
    const std::uint64_t id = seeks.begin()[0].id;
    EXPECT_FALSE(seeks.answered(id + 1, "t", {}));
    EXPECT_FALSE(seeks.answered(id, "u", {}));
    EXPECT_TRUE(seeks.answered(id, "t", {{1, 0}}));
    EXPECT_FALSE(seeks.answered(id, "t", {{1, 0}}));
    EXPECT_EQ(answers.size(), 1u);
}

TEST_F(SourceSeeksTest, answersWithWhatHasComeWhenTimeIsUp) {
    add({{"t", 1}, {"u", 2}});
    EXPECT_EQ(seeks.deadline(), begin + 5s);
    seeks.answered(seeks.begin()[0].id, "t", {{1, 0}});
    seeks.expire(begin + 4s);
    EXPECT_TRUE(answers.empty());
    seeks.expire(begin + 5s);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].size(), 1u);
    EXPECT_EQ(seeks.deadline(), std::nullopt);
}

TEST_F(SourceSeeksTest, answersAllWhenTheSourceCannotBeAsked) {
    add({{"t", 1}});
    seeks.begin();
    add({{"u", 2}});
    seeks.giveUp();
    EXPECT_EQ(answers.size(), 2u);
    EXPECT_TRUE(seeks.begin().empty());
}

}  // namespace
}  // namespace sluice
