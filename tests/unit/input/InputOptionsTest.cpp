#include <gtest/gtest.h>

#include "input/InputOptions.h"

namespace sluice {
namespace {

Setting list(std::vector<std::string> texts) {
    Setting list;
    list.kind = Setting::Kind::List;
    for (std::string& text : texts) {
        Setting item;
        item.kind = Setting::Kind::Scalar;
        item.text = std::move(text);
        list.items.push_back(std::move(item));
    }
    return list;
}

TEST(Setting, isFoundByJsonPointer) {
    Setting root;
    root.set("brokers", "b:9092");
    root.set("a/b~c", "odd");
    root.keys.push_back("topics");
    root.items.push_back(list({"x", "y"}));
    EXPECT_EQ(root.find(""), &root);
    EXPECT_EQ(root.find("/brokers")->text, "b:9092");
    EXPECT_EQ(root.find("/a~1b~0c")->text, "odd");
    EXPECT_EQ(root.find("/topics/1")->text, "y");
    EXPECT_EQ(root.find("/topics/2"), nullptr);
    EXPECT_EQ(root.find("/topics/x"), nullptr);
    EXPECT_EQ(root.find("/brokers/0"), nullptr);
    EXPECT_EQ(root.find("/none"), nullptr);
    EXPECT_EQ(root.find("brokers"), nullptr);
}

TEST(Setting, setReplacesAKeyThatIsThere) {
    Setting root;
    root.set("a", "1");
    root.set("a", "2");
    EXPECT_EQ(root.items.size(), 1u);
    EXPECT_EQ(root.find("/a")->text, "2");
}

}  // namespace
}  // namespace sluice
