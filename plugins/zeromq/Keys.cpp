#include "Keys.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <zmq.h>

namespace sluice::zeromq {
namespace {

constexpr std::size_t kKeyCharacters = 40;
constexpr std::size_t kClientsMax = 10'000;
constexpr std::string_view kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

bool isKey(std::string_view text) {
    return text.size() == kKeyCharacters && text.find_first_not_of(kZ85) == text.npos;
}

using KeyText = std::array<char, kKeyCharacters + 1>;

std::string publicKeyOf(const std::string& secretKey) {
    KeyText text{};
    return zmq_curve_public(text.data(), secretKey.c_str()) == 0 ? text.data() : "";
}

class Reading {
  public:
    Reading(plugin::Host& host, bool binds) : host_(host), binds_(binds) {}

    Keys read() {
        host_.expectKeys("/curve", {"server_key", "public_key", "secret_key", "clients"});
        keys_.secretKey = key("/curve/secret_key");
        keys_.publicKey = key("/curve/public_key");
        if (binds_)
            readServer();
        else
            readClient();
        completePair();
        return std::move(keys_);
    }

  private:
    /// Never shows the value: it may be a secret one.
    std::string key(const std::string& pointer) {
        const auto text = host_.text(pointer);
        if (!text) return {};
        if (isKey(*text)) return std::string(*text);
        broken_ = true;
        host_.settingError(pointer, "bad-value", "is no CURVE key: 40 characters of Z85",
                           "write it in quotes, as zmq_curve_keypair() or pyzmq's "
                           "curve_keypair() gave it");
        return {};
    }

    void readServer() {
        if (host_.text("/curve/server_key"))
            host_.settingError("/curve/server_key", "contradiction",
                               "is the key of a server, and with bind we are the server",
                               "remove it; clients need our public key");
        if (!host_.text("/curve/secret_key"))
            host_.settingError("/curve/secret_key", "missing", "is needed with bind",
                               "write the secret key of which the clients have the public one");
        const auto known = host_.keys("/curve");
        const auto clients = host_.list("/curve/clients");
        if (std::ranges::find(known, "clients") != known.end() && clients.empty())
            host_.settingError("/curve/clients", "empty", "lets nobody in",
                               "list public keys, or remove it to let in whoever has our public "
                               "key");
        if (clients.size() > kClientsMax)
            host_.settingError("/curve/clients", "too-many", "names too many clients",
                               "name at most " + std::to_string(kClientsMax));
        const bool isList = !host_.text("/curve/clients");
        for (std::size_t i = 0; i < clients.size(); ++i)
            keys_.clients.push_back(key(isList ? "/curve/clients/" + std::to_string(i)
                                               : std::string("/curve/clients")));
    }

    void readClient() {
        keys_.server = key("/curve/server_key");
        if (!host_.text("/curve/server_key"))
            host_.settingError("/curve/server_key", "missing", "is needed with connect",
                               "write the public key of the side that binds");
        if (!host_.list("/curve/clients").empty())
            host_.settingError("/curve/clients", "contradiction", "is for the side that binds",
                               "remove it");
        if (host_.text("/curve/public_key") && !host_.text("/curve/secret_key"))
            host_.settingError("/curve/public_key", "incomplete", "stands without secret_key",
                               "write both, or neither to use a pair made at the start");
    }

    /// A public key follows from the secret one; whoever names no pair gets one of its own.
    void completePair() {
        if (broken_) return;
        if (keys_.secretKey.empty()) {
            KeyText publicKey{}, secretKey{};
            zmq_curve_keypair(publicKey.data(), secretKey.data());
            keys_.publicKey = publicKey.data();
            keys_.secretKey = secretKey.data();
            return;
        }
        const std::string publicKey = publicKeyOf(keys_.secretKey);
        if (!keys_.publicKey.empty() && keys_.publicKey != publicKey)
            host_.settingError("/curve/public_key", "mismatch", "does not belong to secret_key",
                               "remove it: it follows from secret_key");
        keys_.publicKey = publicKey;
    }

    plugin::Host& host_;
    const bool binds_;
    bool broken_ = false;
    Keys keys_;
};

}  // namespace

Keys readKeys(plugin::Host& host, bool binds) {
    return Reading(host, binds).read();
}

}  // namespace sluice::zeromq
