#include "Options.h"

namespace sluice::ticker {
namespace {

constexpr double kRateMax = 1'000'000;
constexpr std::int64_t kTopicsMax = 100'000;
constexpr std::size_t kLanesMax = 1'000;  // of a replayable source
constexpr std::int64_t kPartitionsMax = 1'000;
constexpr std::int64_t kSizeBytesMax = 1 << 20;
constexpr std::int64_t kScheduledBytes = 200;

std::vector<std::string> readTopics(plugin::Host& host) {
    std::vector<std::string> topics;
    for (const std::string_view topic : host.list("/topics")) topics.emplace_back(topic);
    if (!topics.empty()) return topics;
    const std::string topic{host.text("/topic", "tick")};
    const std::int64_t channels = host.integer("/channels", 1, 1, kTopicsMax);
    if (channels == 1) return {topic};
    for (std::int64_t i = 0; i < channels; ++i) topics.push_back(topic + "." + std::to_string(i));
    return topics;
}

Shape readShape(plugin::Host& host) {
    const std::string_view name =
        host.choice("/shape", "orders", {"orders", "prices", "sensors", "flights", "counter"});
    if (name == "prices") return Shape::Prices;
    if (name == "sensors") return Shape::Sensors;
    if (name == "flights") return Shape::Flights;
    return name == "counter" ? Shape::Counter : Shape::Orders;
}

std::uint64_t natural(plugin::Host& host, const char* pointer, std::int64_t fallback,
                      std::int64_t least = 0,
                      std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
    return static_cast<std::uint64_t>(host.integer(pointer, fallback, least, most));
}

}  // namespace

Options readOptions(plugin::Host& host) {
    Options options;
    host.expectKeys("", {"rate", "count", "seed", "keys", "shape", "size", "refunds", "scheduled",
                         "replayable", "partitions", "keep", "topic", "channels", "topics"});
    options.rate = host.real("/rate", options.rate, 0.001, kRateMax);
    options.count = natural(host, "/count", 0);
    options.seed = natural(host, "/seed", 1);
    options.keys = natural(host, "/keys", 100, 1);
    options.shape = readShape(host);
    options.refunds = natural(host, "/refunds", 0);
    options.scheduled = host.boolean("/scheduled", false);
    options.replayable = host.boolean("/replayable", false);
    options.sizeBytes = static_cast<std::size_t>(
        natural(host, "/size", options.scheduled ? kScheduledBytes : 0, 0, kSizeBytesMax));
    options.partitions =
        static_cast<std::uint32_t>(natural(host, "/partitions", 1, 1, kPartitionsMax));
    options.keep = host.duration("/keep", options.keep);
    options.topics = readTopics(host);
    if (options.replayable && options.topics.size() * options.partitions > kLanesMax)
        host.settingError("/channels", "too-many", "gives more lanes than this plugin keeps",
                          "use fewer topics or partitions, or leave out replayable");
    return options;
}

std::string Options::fingerprint() const {
    std::string text = std::to_string(rate) + " " + std::to_string(count) + " " +
                       std::to_string(seed) + " " + std::to_string(keys) + " " +
                       std::to_string(static_cast<int>(shape)) + " " + std::to_string(sizeBytes) +
                       " " + std::to_string(partitions);
    if (refunds > 0) text += " refunds " + std::to_string(refunds);
    for (const std::string& topic : topics) text.append(" ").append(topic);
    return text;
}

}  // namespace sluice::ticker
