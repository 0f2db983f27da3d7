#include <gtest/gtest.h>

#include "input/SourceQueries.h"

namespace sluice {
namespace {

using Strings = std::vector<std::string>;
using Time = SourceQueries::Time;

const Time kNow = Time{} + std::chrono::hours{1};
const Time kLater = kNow + std::chrono::seconds{5};

/// What a question was answered with; -1: not yet.
struct Asked {
    int found = -1;
    std::vector<SourceEnds::Family> families;
    SourceQueries::Answer answer() {
        return [this](std::vector<SourceEnds::Family> given) {
            found = static_cast<int>(given.size());
            families = std::move(given);
        };
    }
};

SourceEnds::Family ends(std::uint32_t hash, std::size_t lanes) {
    return {hash, std::vector<SourceEnds::Lane>(lanes)};
}

TEST(SourceQueries, asksForEachFamilyOnce) {
    SourceQueries queries;
    Asked a, b;
    queries.add({{"x", 1}, {"y", 2}}, a.answer());
    queries.add({{"x", 1}}, b.answer());
    EXPECT_EQ(queries.begin(kLater), (Strings{"x", "y"}));
    queries.answered("x", ends(1, 3));
    EXPECT_EQ(b.found, 1);
    EXPECT_EQ(a.found, -1);
    queries.answered("y", ends(2, 1));
    EXPECT_EQ(a.found, 2);
}

TEST(SourceQueries, aQuestionAskedMeanwhileWaitsForAYoungerAnswer) {
    SourceQueries queries;
    Asked a, b;
    queries.add({{"x", 1}}, a.answer());
    queries.begin(kLater);
    queries.add({{"x", 1}}, b.answer());
    EXPECT_TRUE(queries.begin(kLater).empty());
    queries.answered("x", ends(1, 1));
    EXPECT_EQ(a.found, 1);
    EXPECT_EQ(b.found, -1);
    EXPECT_TRUE(queries.isWaiting());
    EXPECT_EQ(queries.begin(kLater), Strings{"x"});
    queries.answered("x", ends(1, 1));
    EXPECT_EQ(b.found, 1);
}

TEST(SourceQueries, anotherIncarnationMeansThatTheFamilyIsGone) {
    SourceQueries queries;
    Asked a;
    queries.add({{"x", 1}}, a.answer());
    queries.begin(kLater);
    queries.answered("x", ends(99, 4));
    ASSERT_EQ(a.found, 1);
    EXPECT_EQ(a.families[0].hash, 1u);
    EXPECT_TRUE(a.families[0].lanes.empty());
}

TEST(SourceQueries, answersWithWhatCameWhenTimeIsUp) {
    SourceQueries queries;
    Asked a;
    queries.add({{"x", 1}, {"y", 2}}, a.answer());
    queries.begin(kLater);
    queries.answered("y", ends(2, 1));
    queries.expire(kNow);
    EXPECT_EQ(a.found, -1);
    queries.expire(kLater);
    EXPECT_EQ(a.found, 1);
    EXPECT_FALSE(queries.deadline());
}

TEST(SourceQueries, givingUpAnswersEverybodyOnce) {
    Asked a, b;
    {
        SourceQueries queries;
        queries.add({{"x", 1}}, a.answer());
        queries.begin(kLater);
        queries.add({{"x", 1}}, b.answer());
        queries.giveUp();
        EXPECT_EQ(a.found, 0);
        EXPECT_EQ(b.found, 0);
        a.found = b.found = -2;
    }
    EXPECT_EQ(a.found, -2);
    EXPECT_EQ(b.found, -2);
}

}  // namespace
}  // namespace sluice
