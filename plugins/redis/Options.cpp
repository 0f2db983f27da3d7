#include "Options.h"

#include <utility>

#include "ServerUrl.h"

namespace sluice::redis {
namespace {

using namespace std::chrono_literals;
using plugin::milliseconds;

constexpr std::size_t kSecretLeast = 4;  // a shorter one would blacken ordinary words
constexpr std::int64_t kDatabaseMost = 1'000'000;

class Reading {
  public:
    explicit Reading(plugin::Host& host) : host_(host) {}

    Options read() {
        host_.expectKeys("", {"server", "username", "password", "db", "tls", "streams", "start",
                              "payload_field", "group", "timeout", "keepalive", "scan_interval",
                              "replay_timeout", "message_bytes_max"});
        host_.expectKeys("/tls", {"ca", "cert", "key", "key_password"});
        host_.expectKeys("/group", {"name", "consumer", "claim_idle"});
        readServer();
        readLogin();
        readDatabase();
        readTls();
        readStreams();
        readStart();
        readGroup();
        readBounds();
        options_.payloadField = host_.text("/payload_field", "");
        // Whoever only looks reads the streams themselves.
        if (host_.observes()) options_.group.reset();
        for (const char* pointer : {"/start", "/payload_field", "/group", "/scan_interval"})
            refuseWithoutStreams(pointer);
        return std::move(options_);
    }

  private:
    void addSecret(std::string_view secret) {
        if (!secret.empty()) options_.secrets.emplace_back(secret);
    }
    void refuse(const std::string& pointer, std::string_view words, std::string_view hint) {
        host_.settingError(pointer, "bad-value", words, hint);
    }
    bool isWritten(const std::string& pointer) const {
        return host_.text(pointer) || !host_.map(pointer).empty() || !host_.list(pointer).empty();
    }
    void refuseWithoutStreams(const std::string& pointer) {
        if (options_.streams.empty() && !host_.text("/streams") && isWritten(pointer))
            host_.settingError(pointer, "no-streams", "counts for Redis Streams only",
                               "write streams: [NAME] as well: pub/sub has no past to read");
    }

    void readServer() {
        UrlError error;
        if (const auto text = host_.text("/server")) {
            const auto url = parseServerUrl(*text, error);
            if (url)
                url_ = *url;
            else
                refuse("/server", error.text, error.hint);
        }
        if (!url_.host.empty()) options_.host = url_.host;
        options_.port = url_.port.value_or(options_.port);
        const bool isIpv6 = options_.host.find(':') != std::string::npos;
        options_.shown = (isIpv6 ? "[" + options_.host + "]" : options_.host) + ":" +
                         std::to_string(options_.port);
    }

    void readLogin() {
        auto username = host_.text("/username");
        auto password = host_.text("/password");
        if ((url_.username && username) || (url_.password && password))
            host_.settingError(password && url_.password ? "/password" : "/username", "twice",
                               "is written in server: too", "write it in one place");
        if (!username && url_.username) username = *url_.username;
        if (!password && url_.password) password = *url_.password;
        if (username && !password)
            host_.settingError(url_.username ? "/server" : "/username", "incomplete",
                               "names a user without a password",
                               "write password: \"${REDIS_PASSWORD}\"");
        options_.username = username.value_or("");
        options_.password = password.value_or("");
        options_.hasPassword = password.has_value();
        addSecret(options_.password);
    }

    void readDatabase() {
        const auto database = host_.integer("/db", url_.database.value_or(0), 0, kDatabaseMost);
        options_.database = static_cast<std::uint32_t>(database);
        if (url_.database && host_.text("/db"))
            host_.settingError("/db", "twice", "is written in server: too",
                               "write it in one place");
    }

    void readTls() {
        const auto files = host_.map("/tls");
        const auto flag = host_.text("/tls");
        options_.tls.isOn =
            url_.usesTls || !files.empty() || (flag && host_.boolean("/tls", false));
        if (url_.usesTls && flag && !host_.boolean("/tls", true))
            host_.settingError("/tls", "contradiction", "is off, but server: is rediss://",
                               "write redis:// for a connection without TLS");
        for (const auto& [key, value] : files) {
            if (key == "ca") options_.tls.ca = value;
            if (key == "cert") options_.tls.cert = value;
            if (key == "key") options_.tls.key = value;
            if (key == "key_password") options_.tls.keyPassword = value;
        }
        if (options_.tls.cert.empty() != options_.tls.key.empty())
            host_.settingError(options_.tls.key.empty() ? "/tls/cert" : "/tls/key", "incomplete",
                               "stands alone", "write both cert and key");
        addSecret(options_.tls.keyPassword);
    }

    void readStreams() {
        std::vector<StreamName> names;
        const bool isOne = host_.text("/streams").has_value();
        const auto items = host_.list("/streams");
        for (std::size_t i = 0; i < items.size(); ++i) {
            std::string error;
            auto name = StreamName::parse(items[i], error);
            if (name)
                names.push_back(std::move(*name));
            else
                refuse(isOne ? "/streams" : "/streams/" + std::to_string(i), error,
                       "write a key such as orders, or a pattern such as orders:{region}");
        }
        options_.streams = StreamNames(std::move(names));
    }

    void readStart() {
        if (const auto rule = plugin::parseStartRule(host_.text("/start", "live")))
            options_.start = *rule;
        else
            refuse("/start", "is no place to start at",
                   "write live, earliest, since:-15min or since:2026-01-31T12:00:00Z");
    }

    void readGroup() {
        if (host_.map("/group").empty()) {
            if (host_.text("/group"))
                refuse("/group", "is no map", "write group: {name: sluice, consumer: node-1}");
            return;
        }
        Options::Group group;
        for (const auto& [key, text] :
             {std::pair{"name", &group.name}, std::pair{"consumer", &group.consumer}}) {
            *text = host_.text(std::string("/group/") + key, "");
            if (text->empty())
                host_.settingError(std::string("/group/") + key, "incomplete", "is missing",
                                   "every node needs a consumer name of its own in the group");
        }
        group.claimIdle = duration("/group/claim_idle", 0ms, 0ms, 24h);
        options_.group = std::move(group);
    }

    void readBounds() {
        options_.timeout = duration("/timeout", options_.timeout, 100ms, 60s);
        options_.keepalive = duration("/keepalive", options_.keepalive, 100ms, 1h);
        options_.scanInterval = duration("/scan_interval", options_.scanInterval, 100ms, 1h);
        options_.replayTimeout = duration("/replay_timeout", options_.replayTimeout, 100ms, 1h);
        constexpr std::int64_t kLeast = 1 << 10, kMost = std::int64_t{512} << 20;
        const auto bytes =
            host_.size("/message_bytes_max", static_cast<std::int64_t>(options_.messageBytesMax));
        if (bytes < kLeast || bytes > kMost)
            return refuse("/message_bytes_max", "is out of range",
                          "write a size from 1KiB to 512MiB");
        options_.messageBytesMax = static_cast<std::size_t>(bytes);
    }

    milliseconds duration(const std::string& pointer, milliseconds fallback, milliseconds least,
                          milliseconds most) {
        const milliseconds value = host_.duration(pointer, fallback);
        if (value >= least && value <= most) return value;
        refuse(pointer, "is out of range",
               "write a duration from " + std::to_string(least.count()) + "ms to " +
                   std::to_string(std::chrono::duration_cast<std::chrono::seconds>(most).count()) +
                   "s");
        return fallback;
    }

    plugin::Host& host_;
    Options options_;
    ServerUrl url_;
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

}  // namespace sluice::redis
