#include <gtest/gtest.h>

#include "mapping/RuleIndex.h"

namespace sluice {
namespace {

using Numbers = std::vector<std::uint32_t>;

TEST(RuleIndex, findsWhatMayTakeATopicInOrder) {
    RuleIndex index;
    std::uint32_t number = 0;
    for (const char* text : {"orders.{r}", "orders.eu", "users", "{a}.eu", "{x**}", "orders.{x**}",
                             "o{a}.eu", "orders.eu.{z}", "orders.eu.a"})
        index.add(*Pattern::parse(text, '.', nullptr), number++);
    EXPECT_EQ(index.candidates("orders.eu"), (Numbers{0, 1, 3, 4, 5, 6}));
    EXPECT_EQ(index.candidates("users"), (Numbers{2, 4}));
    EXPECT_EQ(index.candidates("orders.eu.a"), (Numbers{4, 5, 7, 8}));
    EXPECT_EQ(index.candidates(""), Numbers{4});
}

TEST(RuleIndex, neverMissesAMatch) {
    std::vector<Pattern> patterns;
    RuleIndex index;
    const std::vector<std::string> levels{"a", "b", "{x}", "c{x}", "", "{x}d"};
    const auto add = [&](const std::string& text) {
        if (auto pattern = Pattern::parse(text, '/', nullptr)) {
            index.add(*pattern, static_cast<std::uint32_t>(patterns.size()));
            patterns.push_back(std::move(*pattern));
        }
    };
    for (const std::string& first : levels) {
        add(first);
        add(first + "/{y**}");
        for (const char* second : {"a", "{y}", "b{y}", ""}) add(first + "/" + second);
    }
    add("{y**}");
    add("a{y**}");
    for (const char* topic :
         {"a", "b", "a/a", "a/", "/", "", "cx/bz", "xd/a", "a/b/c", "c/b", "q"}) {
        const Numbers found = index.candidates(topic);
        for (std::uint32_t i = 0; i < patterns.size(); ++i) {
            if (!patterns[i].matches(topic)) continue;
            EXPECT_TRUE(std::binary_search(found.begin(), found.end(), i))
                << patterns[i].text() << " takes " << topic;
        }
    }
}

TEST(RuleIndex, leavesOutWhatCannotMatch) {
    RuleIndex index;
    for (std::uint32_t i = 0; i < 1'000; ++i)
        index.add(*Pattern::parse("room" + std::to_string(i) + "/{what}", '/', nullptr), i);
    EXPECT_EQ(index.candidates("room77/temperature"), Numbers{77});
}

}  // namespace
}  // namespace sluice
