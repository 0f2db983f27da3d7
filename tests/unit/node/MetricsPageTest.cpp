#include <array>

#include <gtest/gtest.h>

#include "node/MetricsPage.h"

namespace sluice {
namespace {

MetricsPage page() {
    constexpr std::array<std::int64_t, 2> kBoundsUs{1'000, 10'000};
    constexpr std::array<std::uint64_t, 3> kCounts{1, 2, 4};
    MetricsPage page;
    page.counter("sluice_messages_total", "Messages.")
        .sample(5, {{"input", "shop.eu"}, {"result", "mapped"}, {"reason", ""}})
        .sample(1, {{"input", "shop.eu"}, {"result", "rejected"}, {"reason", "no-value"}});
    page.gauge("sluice_channels", "Channels.").sample(2.5);
    page.histogram("sluice_delivery_seconds", "Delays.").sample(kBoundsUs, kCounts, 1'500'000);
    return page;
}

TEST(MetricsPage, isWhatPrometheusReads) {
    const std::string text = page().text();
    for (const char* line :
         {"# TYPE sluice_messages_total counter",
          R"(sluice_messages_total{input="shop.eu",result="mapped",reason=""} 5)",
          "sluice_channels 2.5", R"(sluice_delivery_seconds_bucket{le="0.01"} 3)",
          "sluice_delivery_seconds_count 7", "sluice_delivery_seconds_sum 1.5"})
        EXPECT_NE(text.find(line), std::string::npos) << line << '\n' << text;
}

TEST(MetricsPage, hasLabelsAsLevelsForGraphite) {
    CarbonLines lines{1'700'000'000};
    page().write("web.sluice", lines);
    EXPECT_EQ(lines.text(),
              "web.sluice.messages_total.shop_eu.mapped 5 1700000000\n"
              "web.sluice.messages_total.shop_eu.rejected.no-value 1 1700000000\n"
              "web.sluice.channels 2.5 1700000000\n"
              "web.sluice.delivery_seconds.count 7 1700000000\n"
              "web.sluice.delivery_seconds.sum 1.5 1700000000\n");
}

}  // namespace
}  // namespace sluice
