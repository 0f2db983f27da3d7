#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "Patience.h"
#include "input/InputHost.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

bool eventually(const std::function<bool()>& condition) {
    const auto until = steady_clock::now() + 20s * test::kPatience;
    while (!condition()) {
        if (steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

PluginLibrary& library() {
    static PluginLibrary library{{BAD_PLUGINS, GOOD_PLUGINS}};
    return library;
}

InputOptions input(const std::string& name, const std::string& plugin,
                   const std::map<std::string, std::string>& settings = {}) {
    InputOptions options;
    options.name = name;
    options.plugin = plugin;
    for (const auto& [key, value] : settings) options.settings.set(key, value);
    options.rewind = 1s;
    return options;
}

InputOptions ticker(const std::string& name, const std::string& topic,
                    const std::string& keep = "1h") {
    return input(name, "ticker",
                 {{"rate", "2000"}, {"replayable", "true"}, {"topic", topic}, {"keep", keep}});
}

/// A node's inputs over a hub, reloaded while they run. Every input's topics are channels.
class InputReloadTest : public testing::Test {
  protected:
    using Rule = std::pair<std::string, std::string>;  // `from` with its input, channel

    static std::shared_ptr<const MappingTable> table(const std::vector<InputOptions>& inputs,
                                                     const std::vector<Rule>& rules) {
        MappingOptions options;
        for (const auto& [from, channel] : rules) {
            MappingRule& rule = options.rules.emplace_back();
            rule.input = from.substr(0, from.find(':'));
            rule.from = from.substr(from.find(':') + 1);
            rule.channel = channel;
        }
        std::vector<MappingError> errors;
        auto made = MappingTable::compile(options, mappingInputs(inputs, library()), errors);
        EXPECT_TRUE(made) << (errors.empty() ? "" : errors[0].message);
        return made;
    }
    static std::vector<Rule> allTopics(const std::vector<InputOptions>& inputs) {
        std::vector<Rule> rules;
        for (const InputOptions& input : inputs)
            rules.emplace_back(input.name + ":{topic**}", "{topic}");
        return rules;
    }

    void start(const std::vector<InputOptions>& inputs, const std::vector<Rule>& rules) {
        InputLimits limits;
        limits.stopDeadline = 200ms;
        limits.backOffFirst = 1ms;
        limits.backOffMax = 4ms;
        host.emplace(inputs, library(), table(inputs, rules), PublishPolicy{}, limits, hub, clock);
        host->start();
    }
    void start(const std::vector<InputOptions>& inputs) { start(inputs, allTopics(inputs)); }
    void reload(const std::vector<InputOptions>& inputs) {
        host->reload(inputs, library(), table(inputs, allTopics(inputs)));
    }

    InputStatus status(std::string_view name) const {
        for (InputStatus& status : host->status())
            if (status.name == name) return status;
        return {};
    }
    /// Positions of what a channel keeps, in its order.
    std::vector<std::uint64_t> positions(const std::string& channel) {
        ChannelLog* const log = hub.watch(reader, channel);
        std::vector<std::uint64_t> all;
        for (const LogView::Part& part : log->view(0).parts)
            for (std::uint32_t i = part.begin; i < part.end; ++i)
                all.push_back(part.segment->record(i).position.first);
        hub.unwatch(reader, *log);
        return all;
    }
    /// Data of what a channel keeps, in its order.
    std::vector<std::string> data(const std::string& channel) {
        ChannelLog* const log = hub.watch(reader, channel);
        std::vector<std::string> all;
        for (const LogView::Part& part : log->view(0).parts)
            for (std::uint32_t i = part.begin; i < part.end; ++i)
                all.emplace_back(part.segment->dataLines(part.segment->record(i)));
        hub.unwatch(reader, *log);
        return all;
    }
    void expectWhole(const std::string& channel) {
        const std::vector<std::uint64_t> all = positions(channel);
        ASSERT_FALSE(all.empty());
        for (std::size_t i = 1; i < all.size(); ++i) ASSERT_EQ(all[i], all[i - 1] + 1) << channel;
    }
    void waitForMore(const std::string& name, std::uint64_t messages = 100) {
        const std::uint64_t before = status(name).counts.mapped;
        ASSERT_TRUE(eventually([&] { return status(name).counts.mapped >= before + messages; }));
    }

    static HubOptions keepsAll() {
        HubOptions options;
        options.history.events = 1'000'000;
        options.history.bytes = 1u << 30;
        return options;
    }

    struct Loop final : Hub::Wakeable {
        void wake() noexcept override {}
    } loop_;
    SystemClock clock;
    Hub hub{keepsAll(), clock};
    const LoopIndex reader = hub.addLoop(loop_);
    std::optional<InputHost> host;
};

TEST_F(InputReloadTest, doesNotTouchInputsThatStayTheSame) {
    start({ticker("a", "one")});
    waitForMore("a");
    const std::int64_t since = status("a").health.sinceMs;
    reload({ticker("b", "two"), ticker("a", "one")});
    waitForMore("a");
    EXPECT_EQ(status("a").health.sinceMs, since);
    EXPECT_EQ(status("a").counts.redelivered, 0u);
    host->stop(1s);
    expectWhole("one");
}

TEST_F(InputReloadTest, startsNewInputsAndKeepsTheOrderOfTheFile) {
    start({ticker("a", "one")});
    reload({ticker("b", "two"), ticker("a", "one")});
    waitForMore("b");
    ASSERT_EQ(host->status().size(), 2u);
    EXPECT_EQ(host->status()[0].name, "b");
}

TEST_F(InputReloadTest, aChangedInputGoesOnWhereItStood) {
    start({ticker("a", "one")});
    for (const char* keep : {"2h", "3h", "4h"}) {
        waitForMore("a");
        reload({ticker("a", "one", keep)});
    }
    waitForMore("a");
    host->stop(1s);
    expectWhole("one");
    EXPECT_TRUE(hub.lanes()->families.size() == 1 && !hub.lanes()->families[0].gone);
}

TEST_F(InputReloadTest, aRenamedInputGoesOnWhereTheOtherStood) {
    start({ticker("a", "one"), ticker("x", "two")});
    waitForMore("a");
    const std::uint64_t before = positions("one").front();
    EXPECT_FALSE(host->hasHad("b"));
    reload({ticker("b", "one"), ticker("x", "two")});
    waitForMore("b");
    reload({ticker("c", "one"), ticker("x", "two")});
    waitForMore("c");
    reload({ticker("c", "one", "2h"), ticker("x", "two")});
    waitForMore("c");
    EXPECT_TRUE(host->hasHad("a") && host->hasHad("b") && host->hasHad("c"));
    host->stop(1s);
    EXPECT_EQ(positions("one").front(), before);
    expectWhole("one");
    expectWhole("two");
}

TEST_F(InputReloadTest, aRemovedInputStopsAndComesBackWhereItStood) {
    start({ticker("a", "one"), ticker("b", "two")});
    waitForMore("a");
    reload({ticker("b", "two")});
    EXPECT_EQ(host->status().size(), 1u);
    const std::size_t kept = positions("one").size();
    waitForMore("b");
    EXPECT_EQ(positions("one").size(), kept) << "it goes on, or its history is gone";
    reload({ticker("a", "one"), ticker("b", "two")});
    waitForMore("a");
    host->stop(1s);
    EXPECT_GT(positions("one").size(), kept);
    expectWhole("one");
    expectWhole("two");
}

TEST_F(InputReloadTest, theSourceOfARemovedInputHasNothingAnyMore) {
    start({ticker("a", "one"), ticker("b", "two")});
    ASSERT_TRUE(eventually([&] { return hub.lanes()->lanes.size() == 3; }));
    const Family first = hub.lanes()->families[0];
    const std::uint32_t hash = first.name == "one" ? first.hash : hub.lanes()->families[1].hash;
    reload({ticker("b", "two")});
    SourceEnds ends;
    host->query({hash}, [&](SourceEnds answer) { ends = std::move(answer); });
    ASSERT_TRUE(ends.find(hash));
    EXPECT_TRUE(ends.find(hash)->lanes.empty());
}

TEST_F(InputReloadTest, anotherPluginUnderTheNameIsAnotherSource) {
    start({ticker("a", "one")});
    waitForMore("a");
    reload({input("a", "watches")});
    EXPECT_TRUE(hub.lanes()->families[0].gone);
    EXPECT_TRUE(positions("one").empty());
    EXPECT_EQ(status("a").plugin, "bad");
}

TEST_F(InputReloadTest, anInputMayHavePositionsForSomeOfItsTopics) {
    const auto channel = [](const char* name) { return *Pattern::parse(name, '/', nullptr); };
    const auto redis = [](const std::string& streams) {
        return input("r", "redis", {{"server", "redis://127.0.0.1:1"}, {"streams", streams}});
    };
    const std::vector<Rule> rules{{"r:orders", "one"}, {"r:news", "two"}, {"r:{all**}", "three"}};
    start({redis("orders")}, rules);
    EXPECT_TRUE(host->plainInputs(channel("one")).empty());
    EXPECT_EQ(host->plainInputs(channel("two")), std::vector<std::string>{"r"});
    EXPECT_EQ(host->plainInputs(channel("three")), std::vector<std::string>{"r"});
    EXPECT_TRUE(status("r").replayable);
    const std::uint64_t version = host->version();
    host->reload({redis("news")}, library(), table({redis("news")}, rules));
    EXPECT_GT(host->version(), version);
    // What orders were before may still be there.
    EXPECT_TRUE(eventually(
        [&] { return host->plainInputs(channel("one")) == std::vector<std::string>{"r"}; }));
    EXPECT_EQ(host->plainInputs(channel("two")), std::vector<std::string>{"r"});
}

TEST_F(InputReloadTest, whatOnceFedAChannelWithoutPositionsStaysNamed) {
    const Pattern one = *Pattern::parse("one", '/', nullptr);
    start({input("a", "ticker", {{"topic", "one"}})});
    EXPECT_EQ(host->plainInputs(one), std::vector<std::string>{"a"});
    const std::uint64_t version = host->version();
    reload({ticker("a", "one")});
    EXPECT_GT(host->version(), version);
    EXPECT_EQ(host->plainInputs(one), std::vector<std::string>{"a"});
    EXPECT_TRUE(status("a").replayable);
    reload({ticker("b", "one")});
    EXPECT_EQ(host->plainInputs(one), std::vector<std::string>{"a"});
}

TEST_F(InputReloadTest, aPluginIsToldOfPatternsWhenTheyChange) {
    const std::vector<InputOptions> inputs{input("a", "watches")};
    start(inputs, {{"a:t", "x"}});
    ASSERT_TRUE(eventually([&] { return data("x").size() == 1; }));
    host->reload(inputs, library(), table(inputs, {{"a:t", "y"}}));
    host->reload(inputs, library(), table(inputs, {{"a:t", "x"}, {"a:u.{v}", "z"}}));
    ASSERT_TRUE(eventually([&] { return data("x").size() == 2; }));
    host->stop(1s);
    EXPECT_EQ(data("x")[0], "data: \"t without\"\n");
    EXPECT_EQ(data("x")[1], "data: \"t u.{v} without\"\n");
    EXPECT_TRUE(data("y").empty()) << "told although nothing changed for it";
}

TEST_F(InputReloadTest, aPluginKnowsWhatMappingsLookAtBeforeTheyAreInForce) {
    const std::vector<InputOptions> inputs{input("a", "watches")};
    start(inputs, {{"a:t", "before"}});
    ASSERT_TRUE(eventually([&] { return data("before").size() == 1; }));
    host->reload(inputs, library(), table(inputs, {{"a:t", "after/{headers.h}"}}));
    ASSERT_EQ(data("before").size(), 2u);
    EXPECT_EQ(data("before")[1], "data: \"t with headers\"\n");
}

TEST_F(InputReloadTest, aPluginThatIsMissingChangesNothing) {
    start({ticker("a", "one")});
    waitForMore("a");
    const std::vector<InputOptions> wrong{input("b", "nowhere")};
    EXPECT_THROW(host->reload(wrong, library(), table({ticker("a", "one")}, {})), PluginError);
    waitForMore("a");
    EXPECT_EQ(host->status().size(), 1u);
}

TEST_F(InputReloadTest, staysReadyWhateverComes) {
    start({input("a", "watches")});
    ASSERT_TRUE(eventually([&] { return host->ready(); }));
    reload({input("a", "watches"), input("b", "failsOpen")});
    EXPECT_TRUE(host->ready());
}

TEST_F(InputReloadTest, theEndOfTheHostDoesNotWaitForAReloadThatHangs) {
    start({input("a", "blocksStop")});
    ASSERT_TRUE(eventually([&] { return status("a").health.state == InputState::Running; }));
    std::thread reloading{[&] { reload({ticker("b", "two")}); }};
    const auto began = steady_clock::now();
    host->stop(10ms);
    EXPECT_LT(steady_clock::now() - began, 3s * test::kPatience);
    reloading.join();
    EXPECT_TRUE(host->gaveUp());
}

TEST_F(InputReloadTest, manyReloadsUnderLoadLoseAndDoubleNothing) {
    start({ticker("a", "one"), ticker("b", "two")});
    for (int i = 0; i < 30; ++i)
        reload({ticker("a", "one"), ticker("b", "two", i % 2 == 0 ? "2h" : "1h")});
    waitForMore("b");
    host->stop(1s);
    expectWhole("one");
    expectWhole("two");
    EXPECT_TRUE(positions("one").size() == status("a").counts.mapped);
}

}  // namespace
}  // namespace sluice
