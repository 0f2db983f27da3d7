#include "Options.h"

#include <limits>
#include <random>

namespace sluice::mqtt {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr std::chrono::hours kKeptFor{1};
constexpr seconds kKeepAlive{20}, kKeepAliveMin{1}, kKeepAliveMax{std::chrono::hours{18}};
/// MQTT 5.0, 3.1.2.11.2: the greatest number means "for ever".
constexpr seconds kKeptForMax{std::numeric_limits<std::uint32_t>::max() - 1};
constexpr std::size_t kClientIdMax = 255, kTopicMax = 65'535;

class Reading {
  public:
    explicit Reading(plugin::Host& host) : host_(host) {}

    Options read() {
        host_.expectKeys("", {"broker", "version", "client_id", "session", "qos", "keepalive",
                              "username", "password", "tls", "status"});
        host_.expectKeys("/tls", {"ca", "cert", "key", "key_password"});
        host_.expectKeys("/status", {"topic", "online", "offline", "qos", "retain"});
        readBroker();
        readVersion();
        readClientId();
        readSession();
        readKeepAlive();
        readLogin();
        readTls();
        readStatus();
        if (host_.observes()) onlyLook();
        return std::move(options_);
    }

  private:
    void readBroker() {
        const auto broker = host_.text("/broker");
        if (!broker) return;
        if (broker->find('@') != std::string_view::npos)
            return host_.settingError("/broker", "bad-value", "holds a user or a password",
                                      "write username: and password: beside it");
        if (const auto address = BrokerAddress::parse(*broker))
            options_.broker = *address;
        else
            host_.settingError("/broker", "bad-value", "is no address of an MQTT broker",
                               "write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS");
    }

    void readVersion() {
        if (!host_.text("/version")) return;
        const auto version = host_.choice("/version", "5", {"5", "3.1.1"});
        options_.version = version == "5" ? Options::Version::V5 : Options::Version::V311;
    }

    void readClientId() {
        const auto id = host_.text("/client_id");
        if (!id) return;
        options_.clientId = *id;
        if (id->empty() || id->size() > kClientIdMax || hasControls(*id))
            host_.settingError("/client_id", "bad-value", "is no client id",
                               "write 1 to 255 bytes without control characters, or leave it out");
    }

    void readSession() {
        options_.qos = static_cast<int>(host_.integer("/qos", 1, 0, 2));
        const auto text = host_.text("/session");
        if (text && *text == "clean") return;
        const auto errors = host_.settingErrors();
        options_.keptFor = duration_cast<seconds>(host_.duration("/session", kKeptFor));
        const bool isSound = *options_.keptFor >= seconds{1} && *options_.keptFor <= kKeptForMax;
        if (host_.settingErrors() == errors && !isSound)
            host_.settingError("/session", "bad-value", "is out of range",
                               "write clean, or a duration of at least 1s");
    }

    void readKeepAlive() {
        options_.keepAlive = duration_cast<seconds>(host_.duration("/keepalive", kKeepAlive));
        if (options_.keepAlive < kKeepAliveMin || options_.keepAlive > kKeepAliveMax)
            host_.settingError("/keepalive", "bad-value", "is out of range",
                               "write a duration from 1s to 18h");
    }

    void readLogin() {
        if (const auto username = host_.text("/username")) options_.username = *username;
        if (const auto password = host_.text("/password")) options_.password = *password;
        // MQTT 3.1.1, 3.1.2.9; 5 would allow it, but no broker asks for it.
        if (options_.password && !options_.username)
            host_.settingError("/password", "incomplete", "stands alone", "write a username too");
    }

    void readTls() {
        const auto files = host_.map("/tls");
        const auto flag = host_.text("/tls");
        const bool wantsTls = !files.empty() || (flag && host_.boolean("/tls", false));
        for (const auto& [key, value] : files) {
            if (key == "ca") options_.tls.ca = value;
            if (key == "cert") options_.tls.cert = value;
            if (key == "key") options_.tls.key = value;
            if (key == "key_password") options_.tls.keyPassword = value;
        }
        if (wantsTls && !options_.broker.usesTls)
            host_.settingError("/tls", "bad-value", "is for a broker that is spoken to by TLS",
                               "write broker: mqtts://HOST:PORT");
        if (flag && !wantsTls && options_.broker.usesTls)
            host_.settingError("/tls", "bad-value", "is off although the broker is mqtts://",
                               "write broker: mqtt://HOST:PORT, or leave it out");
        if (!options_.tls.key.empty() && options_.tls.cert.empty())
            host_.settingError("/tls/key", "incomplete", "stands alone",
                               "write the certificate too, as cert:");
    }

    void readStatus() {
        if (host_.map("/status").empty()) {
            if (host_.text("/status"))
                host_.settingError("/status", "bad-value", "is no map",
                                   "write status: { topic: sluice/status }");
            return;
        }
        Status status;
        status.topic = host_.text("/status/topic", "");
        status.online = host_.text("/status/online", "online");
        status.offline = host_.text("/status/offline", "offline");
        status.qos = static_cast<int>(host_.integer("/status/qos", 1, 0, 2));
        status.isRetained = host_.boolean("/status/retain", true);
        if (status.topic.empty() || status.topic.size() > kTopicMax ||
            status.topic.find_first_of("+#") != std::string::npos || hasControls(status.topic))
            host_.settingError("/status/topic", "bad-value", "is no topic to publish to",
                               "write a topic without + and #, such as sluice/status");
        options_.status = std::move(status);
    }

    /// Under a name that nobody has, leaving nothing at the broker.
    void onlyLook() {
        std::random_device random;
        options_.clientId =
            "sluice-observer-" + std::to_string(random()) + "-" + std::to_string(random());
        options_.keptFor.reset();
        options_.status.reset();
    }

    static bool hasControls(std::string_view text) {
        for (const char c : text)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
        return false;
    }

    plugin::Host& host_;
    Options options_;
};

}  // namespace

Options readOptions(plugin::Host& host) {
    return Reading(host).read();
}

}  // namespace sluice::mqtt
