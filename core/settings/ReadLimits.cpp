#include <array>

#include "settings/ReadOptions.h"

namespace sluice {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMany = 100'000'000;  // most of anything that is counted
constexpr std::size_t kKiB = 1u << 10, kMiB = 1u << 20, kGiB = 1u << 30;

constexpr std::array kLevels{std::pair{std::string_view{"debug"}, log::Level::Debug},
                             std::pair{std::string_view{"info"}, log::Level::Info},
                             std::pair{std::string_view{"warning"}, log::Level::Warning},
                             std::pair{std::string_view{"error"}, log::Level::Error}};
constexpr std::array kFormats{std::pair{std::string_view{"auto"}, log::Format::Auto},
                              std::pair{std::string_view{"text"}, log::Format::Text},
                              std::pair{std::string_view{"json"}, log::Format::Json}};

void readHubLimits(Section& limits, HubOptions& hub) {
    limits.size("history", hub.historyBytesMax, kMiB, 1024 * kGiB);
    limits.size("snapshots", hub.latestBytesMax, kMiB, 1024 * kGiB);
    limits.integer("channels", hub.channelsMax, 1, kMany);
    limits.integer("empty_channels", hub.interestsMax, 1, kMany);
    limits.integer("pattern_matches", hub.patternMatchesMax, 1, kMany);
    limits.integer("gap_records", hub.gapRecordsMax, 1, kMany);
}

void readClientLimits(Section& limits, ClientLimitOptions& clients) {
    limits.integer("streams_per_address", clients.streamsPerAddress, 0, kMany);
    limits.integer("streams_per_subject", clients.streamsPerSubject, 0, kMany);
    limits.integer("connects_per_address", clients.connectsPerAddress, 0, kMany);
    limits.integer("publishes_per_address", clients.publishesPerAddress, 0, kMany);
    limits.integer("publishes_per_subject", clients.publishesPerSubject, 0, kMany);
    limits.integer("failures_slow", clients.failuresSlow, 1, kMany);
    limits.integer("failures", clients.failuresMax, 0, kMany);
    limits.duration("failures_time", clients.failuresTime, 1s, 1h);
    limits.integer("clients", clients.clientsMax, 100, 10'000'000);
}

void readHttpLimits(Section& limits, HttpOptions& http) {
    limits.integer("connections", http.gate.connectionsMax, 16, kMany);
    limits.integer("handshakes", http.gate.handshakesMax, 1, kMany);
    limits.integer("per_address", http.gate.perAddressMax, 0, kMany);
    readClientLimits(limits, http.clients);
    limits.integer("channels_per_stream", http.channelsPerStreamMax, 1, 10'000);
    limits.integer("history_page", http.historyEventsMax, 1, 1'000'000);
    limits.size("head", http.gate.limits.bytesMax, kKiB, kMiB);
    limits.duration("head_time", http.gate.headTimeout, 100ms, 10min);
    limits.size("body", http.gate.limits.bodyBytesMax, kKiB, kGiB);
    // One body must fit among those that are held at once.
    http.gate.bodiesBytesMax = std::max(http.gate.bodiesBytesMax, http.gate.limits.bodyBytesMax);
}

}  // namespace

void readDelivery(Section& top, DeliveryOptions& options) {
    top.section("delivery", [&](Section& delivery) {
        delivery.duration("retry", options.retry, 0ms, 1h);
        delivery.duration("keepalive", options.keepalive, 1s, 1h);
        delivery.duration("poll", options.poll, 1s, 10min);
        delivery.duration("stall", options.stall, 1s, 1h);
        delivery.duration("drain", options.drain, 0ms, 1h);
    });
}

void readLimits(Section& top, Settings& settings) {
    top.section("limits", [&](Section& limits) {
        readHubLimits(limits, settings.hub);
        readHttpLimits(limits, settings.http);
        limits.integer("subscribers", settings.delivery.subscribersMax, 0, kMany);
        limits.integer("catch_ups", settings.delivery.catchUpsMax, 1, kMany);
        limits.integer("replays", settings.replays.replaysMax, 0, 10'000);
        limits.integer("replay_events", settings.replays.log.eventsMax, 1, kMany);
        limits.size("replay_bytes", settings.replays.log.bytesMax, kKiB, 64 * kGiB);
        limits.integer("filters", settings.filters.filtersMax, 1, kMany);
        limits.integer("filter_cost", settings.filters.costMax, 1, 100'000);
        limits.size("payload", settings.mappings.payloadBytesMax, kKiB, 64 * kMiB);
        limits.size("dead_letters", settings.mappings.deadLetterBytesMax, kKiB, 1024 * kGiB);
        settings.http.publish.limits.dataBytesMax = settings.mappings.payloadBytesMax;
    });
}

void readLog(Section& top, LogOptions& options) {
    top.section("log", [&](Section& log) {
        log.choice<log::Level>("level", options.level, kLevels);
        log.choice<log::Format>("format", options.format, kFormats);
    });
}

}  // namespace sluice
