#include "Options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace sluice::kafka {
namespace {

/// What the promises of the plugin rest on; the reasons stand in README.md.
constexpr std::array kReserved = {"auto.commit.enable",
                                  "auto.offset.reset",
                                  "bootstrap.servers",
                                  "enable.auto.commit",
                                  "enable.auto.offset.store",
                                  "enable.partition.eof",
                                  "group.id",
                                  "log.queue",
                                  "metadata.broker.list",
                                  "queued.max.messages.kbytes"};

constexpr std::array<std::pair<const char*, const char*>, 16> kDefaults = {{
    {"client.id", "sluice"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"},
    {"enable.partition.eof", "true"},
    {"allow.auto.create.topics", "false"},
    {"log.queue", "true"},
    // The shorter wait lets other requests through on a connection that waits for records.
    {"fetch.wait.max.ms", "100"},
    {"fetch.min.bytes", "1"},
    {"reconnect.backoff.ms", "50"},
    {"reconnect.backoff.max.ms", "1000"},
    {"socket.timeout.ms", "10000"},
    {"socket.keepalive.enable", "true"},
    {"topic.metadata.refresh.interval.ms", "5000"},
    // At this bound librdkafka stands still for a second: let bytes alone be the bound.
    {"queued.min.messages", "10000000"},
    {"statistics.interval.ms", "0"},
}};

constexpr std::int64_t kBufferDefaultBytes = 64 << 20;
constexpr std::int64_t kBufferLeastBytes = 1 << 20;
constexpr std::int64_t kBufferMostBytes = 2047LL << 20;
constexpr std::size_t kSecretLeast = 4;  // a shorter one would blacken ordinary words

bool isSecret(std::string_view property) {
    for (const auto part : {"password", "secret", "jaas", "oauthbearer.config", "key.pem"})
        if (property.find(part) != std::string_view::npos) return true;
    return false;
}

bool isPort(std::string_view text) {
    constexpr int kPortMax = 65'535;
    int port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() && port > 0 &&
           port <= kPortMax;
}

/// HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT.
bool isBroker(std::string_view text) {
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    if (text.empty() || bracket == std::string_view::npos) return false;
    const auto colon = std::min(text.find(':', bracket), text.size());
    const auto host = text.substr(0, colon), port = text.substr(colon);
    return !host.empty() && host.find_first_of(" \t/") == std::string_view::npos &&
           (port.empty() || isPort(port.substr(1)));
}

bool isBrokerList(std::string_view text) {
    while (!text.empty()) {
        const auto broker = text.substr(0, text.find(','));
        if (broker.empty() || !isBroker(broker)) return false;
        if (broker.size() == text.size()) return true;
        text.remove_prefix(broker.size() + 1);
    }
    return false;
}

class Reading {
  public:
    explicit Reading(plugin::Host& host) : host_(host) {}

    Options read() {
        host_.expectKeys("", {"brokers", "start", "buffer", "username", "password", "mechanism",
                              "tls", "replay_timeout", "rdkafka"});
        host_.expectKeys("/tls", {"ca", "cert", "key", "key_password"});
        for (const auto& [name, value] : kDefaults) set(name, value);
        readBrokers();
        readStart();
        readBuffer();
        readReplayTimeout();
        readTls();
        readLogin();
        set("security.protocol", options_.usesTls ? (hasLogin_ ? "SASL_SSL" : "SSL")
                                                  : (hasLogin_ ? "SASL_PLAINTEXT" : "PLAINTEXT"));
        readProperties();
        return std::move(options_);
    }

  private:
    void set(std::string name, std::string value) {
        if (isSecret(name)) options_.secrets.push_back(value);
        options_.properties.emplace_back(std::move(name), std::move(value));
    }

    void readBrokers() {
        for (const auto broker : host_.list("/brokers"))
            options_.brokers.append(options_.brokers.empty() ? "" : ",").append(broker);
        const auto keys = host_.keys("");
        const bool isGiven = std::ranges::find(keys, "brokers") != keys.end();
        if (!isGiven) options_.brokers = "localhost:9092";
        if (!isBrokerList(options_.brokers))
            host_.settingError("/brokers", "bad-value", "is no list of HOST:PORT",
                               "write brokers: [\"kafka-1:9092\", \"kafka-2:9092\"]");
        set("bootstrap.servers", options_.brokers);
    }

    void readStart() {
        if (const auto rule = plugin::parseStartRule(host_.text("/start", "live")))
            options_.start = *rule;
        else
            host_.settingError("/start", "bad-value", "is no place to start at",
                               "write live, earliest, since:-15min or since:2026-01-31T12:00:00Z");
    }

    void readBuffer() {
        const auto bytes = host_.size("/buffer", kBufferDefaultBytes);
        if (bytes < kBufferLeastBytes || bytes > kBufferMostBytes)
            return host_.settingError("/buffer", "bad-value", "is out of range",
                                      "write a size from 1MiB to 2047MiB");
        set("queued.max.messages.kbytes", std::to_string(bytes >> 10));
    }

    void readReplayTimeout() {
        using namespace std::chrono_literals;
        const auto timeout = host_.duration("/replay_timeout", options_.replayTimeout);
        if (timeout < 100ms || timeout > 1h)
            return host_.settingError("/replay_timeout", "bad-value", "is out of range",
                                      "write a duration from 100ms to 1h");
        options_.replayTimeout = timeout;
    }

    void readTls() {
        const auto files = host_.map("/tls");
        const auto flag = host_.text("/tls");
        options_.usesTls = !files.empty() || (flag && host_.boolean("/tls", false));
        for (const auto& [key, value] : files) {
            if (key == "ca")
                set("ssl.ca.location", std::string(value));
            else if (key == "cert")
                set("ssl.certificate.location", std::string(value));
            else if (key == "key")
                set("ssl.key.location", std::string(value));
            else if (key == "key_password")
                set("ssl.key.password", std::string(value));
        }
    }

    void readLogin() {
        const auto username = host_.text("/username");
        const auto password = host_.text("/password");
        const auto mechanism =
            host_.choice("/mechanism", "PLAIN", {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"});
        hasLogin_ = username.has_value() || host_.text("/mechanism").has_value();
        if (username.has_value() != password.has_value())
            host_.settingError(username ? "/username" : "/password", "incomplete", "stands alone",
                               "write both username and password");
        if (!hasLogin_) return;
        set("sasl.mechanism", std::string(mechanism));
        options_.usesScram = mechanism.substr(0, 5) == "SCRAM";
        if (username) set("sasl.username", std::string(*username));
        if (password) set("sasl.password", std::string(*password));
    }

    void readProperties() {
        const ConfPtr conf(rd_kafka_conf_new());
        for (const auto& [name, value] : host_.map("/rdkafka")) {
            const std::string pointer = plugin::Host::below("/rdkafka", name);
            if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
                host_.settingError(pointer, "reserved", "is decided by Sluice",
                                   "remove it; the README of the kafka plugin says why");
            else if (tryProperty(*conf, pointer, std::string(name), std::string(value)))
                note(name, value);
        }
    }

    bool tryProperty(rd_kafka_conf_t& conf, const std::string& pointer, const std::string& name,
                     const std::string& value) {
        std::array<char, 256> words{};
        const auto result =
            rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), words.data(), words.size());
        if (result == RD_KAFKA_CONF_UNKNOWN)
            host_.settingError(
                pointer, "unknown-property", "is no property of librdkafka",
                "see CONFIGURATION.md of librdkafka " + std::string(rd_kafka_version_str()));
        else if (result == RD_KAFKA_CONF_INVALID)
            host_.settingError(pointer, "bad-value", "has a value that librdkafka refuses",
                               isSecret(name) ? "" : words.data());
        if (result == RD_KAFKA_CONF_OK) set(name, value);
        return result == RD_KAFKA_CONF_OK;
    }

    void note(std::string_view name, std::string_view value) {
        if (name == "security.protocol")
            options_.usesTls = value.find("ssl") != value.npos || value.find("SSL") != value.npos;
        if (name == "sasl.mechanism" || name == "sasl.mechanisms")
            options_.usesScram = value.substr(0, 5) == "SCRAM";
    }

    plugin::Host& host_;
    Options options_;
    bool hasLogin_ = false;
};

}  // namespace

std::string Options::scrub(std::string text) const {
    for (const std::string& secret : secrets) {
        if (secret.size() < kSecretLeast) continue;
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at))
            text.replace(at, secret.size(), "***");
    }
    return text;
}

Options readOptions(plugin::Host& host) {
    return Reading(host).read();
}

ConfPtr makeConf(const Options& options) {
    ConfPtr conf(rd_kafka_conf_new());
    std::array<char, 256> words{};
    for (const auto& [name, value] : options.properties)
        if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), words.data(),
                              words.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(options.scrub(words.data()));
    return conf;
}

}  // namespace sluice::kafka
