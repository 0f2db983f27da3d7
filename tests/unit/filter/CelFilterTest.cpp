#include <gtest/gtest.h>

#include "filter/Filters.h"

// What a filter takes: a function of channel, event, key and data.
namespace sluice {
namespace {

class CelFilterTest : public testing::Test {
  protected:
    bool takes(std::string_view text, std::string_view dataLines) {
        auto made = filters.obtain(text, {"orders/eu"});
        const auto* const filter = std::get_if<EventFilterPtr>(&made);
        EXPECT_NE(filter, nullptr) << std::get<FilterRefusal>(made).message;
        return filter && (*filter)->takes({"orders/eu", "order", "k1", dataLines});
    }
    std::uint64_t failed() const { return filters.counts().failed; }

    static HubOptions allowed() {
        HubOptions options;
        options.filter = true;
        return options;
    }
    Filters filters{{}, allowed()};
};

TEST_F(CelFilterTest, seesChannelEventAndKey) {
    EXPECT_TRUE(takes("channel == 'orders/eu' && event == 'order' && key == 'k1'", "data: x\n"));
    EXPECT_FALSE(takes("channel.endsWith('/us')", "data: x\n"));
}

TEST_F(CelFilterTest, looksIntoDataAsJson) {
    constexpr std::string_view kOrder = "data: {\"amount\":12.5,\"items\":[{\"sku\":\"a\"}]}\n";
    EXPECT_TRUE(takes("data.amount > 12", kOrder));
    EXPECT_FALSE(takes("data.amount > 13", kOrder));
    EXPECT_TRUE(takes("data.items[0].sku == 'a'", kOrder));
    EXPECT_TRUE(takes("data.items.exists(i, i.sku == 'a')", kOrder));
    EXPECT_TRUE(takes("has(data.amount) && !has(data.price)", kOrder));
    EXPECT_EQ(failed(), 0u);
}

TEST_F(CelFilterTest, dataAloneIsItsText) {
    EXPECT_TRUE(takes("data == 'hello'", "data: hello\n"));
    EXPECT_TRUE(takes("data.contains('\"amount\"')", "data: {\"amount\":1}\n"));
    EXPECT_TRUE(takes("data == 'a\\nb'", "data: a\ndata: b\n"));
    EXPECT_TRUE(takes("data == ''", "data: \n"));
    EXPECT_TRUE(takes("data.a == 1", "data: {\ndata: \"a\":1}\n")) << "JSON over two lines";
}

TEST_F(CelFilterTest, doesNotTakeWhatItCannotEvaluate) {
    EXPECT_FALSE(takes("data.amount > 12", "data: no JSON\n"));
    EXPECT_EQ(failed(), 1u);
    EXPECT_FALSE(takes("data.amount > 12", "data: {\"amount\":\"many\"}\n"));
    EXPECT_FALSE(takes("data.flag", "data: {\"flag\":1}\n")) << "no truth";
    EXPECT_EQ(failed(), 3u);
    EXPECT_TRUE(takes("data.amount > 12 || key == 'k1'", "data: no JSON\n")) << "absorbed";
    EXPECT_EQ(failed(), 3u);
    EXPECT_EQ(filters.counts().overBound, 0u);
}

TEST_F(CelFilterTest, givesUpAtTheBoundOfItsSteps) {
    std::string numbers = "data: {\"a\":[0";
    for (int i = 1; i < 200; ++i) numbers += ",0";
    numbers += "]}\n";
    // 200 x 200 visits; told to cost less, as nobody knows how long lists will be.
    const std::string text = "data.a.all(x, data.a.all(y, x == y))";
    HubOptions all = allowed();
    Filters generous{{1'000, 100'000}, all};
    auto made = generous.obtain(text, {"a"});
    ASSERT_TRUE(std::holds_alternative<EventFilterPtr>(made));
    EXPECT_FALSE(std::get<EventFilterPtr>(made)->takes({"a", "message", "", numbers}));
    EXPECT_EQ(generous.counts().failed, 1u);
    EXPECT_EQ(generous.counts().overBound, 1u);
    EXPECT_TRUE(std::get<EventFilterPtr>(made)->takes({"a", "message", "", "data: {\"a\":[0]}\n"}));
}

}  // namespace
}  // namespace sluice
