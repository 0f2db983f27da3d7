#include <gtest/gtest.h>

#include "input/InputClashes.h"

namespace sluice {
namespace {

using Values = std::vector<std::pair<std::string, std::vector<std::string>>>;

Setting scalar(std::string text, std::uint32_t line) {
    Setting setting;
    setting.kind = Setting::Kind::Scalar;
    setting.text = std::move(text);
    setting.mark = {"f.yaml", line, 5};
    return setting;
}

/// The input NAME of a plugin whose settings stand in line `line`. Values of one text are no lists;
/// "group.name" stands in a map.
InputOptions input(const std::string& name, const std::string& plugin, std::uint32_t line,
                   const Values& values) {
    InputOptions options;
    options.name = name;
    options.plugin = plugin;
    for (const auto& [key, texts] : values) {
        Setting* map = &options.settings;
        const std::size_t dot = key.find('.');
        if (dot != std::string::npos && !map->find("/group")) {
            map->keys.emplace_back("group");
            map->items.emplace_back();
        }
        if (dot != std::string::npos) map = &map->items.back();
        map->keys.push_back(dot == std::string::npos ? key : key.substr(dot + 1));
        Setting& value = map->items.emplace_back(scalar(texts.front(), line));
        if (texts.size() == 1) continue;
        value.kind = Setting::Kind::List;
        for (const std::string& text : texts) value.items.push_back(scalar(text, line));
    }
    return options;
}

/// Whether the inputs a and b of this plugin clash.
bool clash(const std::string& plugin, const Values& a, const Values& b) {
    const std::vector<InputOptions> inputs{input("a", plugin, 1, a), input("b", plugin, 2, b)};
    return !clashesAmong(inputs).empty();
}

bool bindsClash(const std::string& a, const std::string& b) {
    return clash("zeromq", {{"bind", {a}}}, {{"bind", {b}}});
}

TEST(InputClashes, nameBothLinesAndWhatToDo) {
    const std::vector<InputOptions> inputs{
        input("a", "zeromq", 3, {{"bind", {"ipc:///run/a.sock"}}}),
        input("b", "zeromq", 7, {{"bind", {"tcp://*:1", "ipc:///run/a.sock"}}}),
        input("c", "zeromq", 9, {{"bind", {"ipc:///run/a.sock"}}})};
    const std::vector<InputClash> clashes = clashesAmong(inputs);
    ASSERT_EQ(clashes.size(), 2u);
    EXPECT_EQ(clashes[0].message, "input b binds ipc:///run/a.sock, as input a does in line 3");
    EXPECT_EQ(clashes[0].mark.line, 7u);
    EXPECT_EQ(clashes[0].earlier.line, 3u);
    EXPECT_EQ(clashes[1].mark.line, 9u);
    EXPECT_NE(clashes[0].hint, "");
}

TEST(InputClashes, areOfAddressesThatAreBoundTwice) {
    EXPECT_TRUE(bindsClash("tcp://*:5556", "tcp://*:5556"));
    EXPECT_TRUE(bindsClash("tcp://*:5556", "tcp://10.0.0.1:5556"));
    EXPECT_TRUE(bindsClash("tcp://localhost:5556", "tcp://127.0.0.1:5556"));
    EXPECT_TRUE(bindsClash("ipc:///run//a.sock", "ipc:///run/./a.sock"));
    EXPECT_FALSE(bindsClash("tcp://*:*", "tcp://*:*"));
    EXPECT_FALSE(bindsClash("tcp://*:5556", "tcp://*:5557"));
    EXPECT_FALSE(bindsClash("tcp://10.0.0.1:5556", "tcp://10.0.0.2:5556"));
    EXPECT_FALSE(bindsClash("ipc:///run/a.sock", "ipc:///run/b.sock"));
    EXPECT_FALSE(bindsClash("nonsense", "nonsense"));
    EXPECT_FALSE(clash("zeromq", {{"bind", {"tcp://h:1"}}}, {{"connect", {"tcp://h:1"}}}));
}

TEST(InputClashes, areOfClientIdsAtOneBroker) {
    const auto ids = [](const std::string& a, const std::string& b) {
        return clash("mqtt", {{"client_id", {"x"}}, {"broker", {a}}},
                     {{"client_id", {"x"}}, {"broker", {b}}});
    };
    EXPECT_TRUE(ids("mqtt://h:1883", "h"));
    EXPECT_TRUE(ids("mqtts://h/", "mqtts://h:8883"));
    EXPECT_FALSE(ids("mqtt://h", "mqtt://g"));
    EXPECT_FALSE(ids("mqtt://h:1883", "mqtt://h:1884"));
    EXPECT_TRUE(clash("mqtt", {{"client_id", {"x"}}},
                      {{"client_id", {"x"}}, {"broker", {"mqtt://127.0.0.1"}}}));
    EXPECT_FALSE(clash("mqtt", {{"client_id", {"x"}}}, {{"client_id", {"y"}}}));
    EXPECT_FALSE(clash("mqtt", {}, {}));
}

TEST(InputClashes, areOfConsumersThatReadOneStream) {
    const auto consumer = [](const std::string& name, const std::vector<std::string>& streams,
                             const std::string& server = "redis://h") {
        return Values{{"server", {server}},
                      {"streams", streams},
                      {"group.name", {"g"}},
                      {"group.consumer", {name}}};
    };
    EXPECT_TRUE(clash("redis", consumer("c", {"s", "t"}), consumer("c", {"t", "u"})));
    EXPECT_TRUE(clash("redis", consumer("c", {"s:{x}"}), consumer("c", {"s:1"})));
    EXPECT_TRUE(clash("redis", consumer("c", {"s"}, "redis://u:p@h:6379/0"), consumer("c", {"s"})));
    EXPECT_FALSE(clash("redis", consumer("c", {"s"}, "redis://h/1"), consumer("c", {"s"})));
    EXPECT_FALSE(clash("redis", consumer("c", {"s"}), consumer("d", {"s"})));
    EXPECT_FALSE(clash("redis", consumer("c", {"s"}), consumer("c", {"t"})));
    EXPECT_FALSE(clash("redis", {{"streams", {"s"}}}, {{"streams", {"s"}}}));
}

}  // namespace
}  // namespace sluice
