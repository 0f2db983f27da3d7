#include <algorithm>

#include "http/GateLoop.h"
#include "settings/Addresses.h"
#include "settings/Ranges.h"
#include "settings/ReadOptions.h"
#include "settings/Units.h"

namespace sluice {
namespace {

constexpr std::string_view kHostCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

/// A key that clients send as `Authorization: Bearer`: what a header can carry. True where it is
/// there and can be used.
bool readKey(Section& section, std::string_view name, std::string& out) {
    const auto key = section.scalar(name, Form::pattern("[!-~]*"));
    if (!key) return false;
    const bool isSendable = std::all_of(key->text().begin(), key->text().end(),
                                        [](char c) { return c > ' ' && c < 0x7f; });
    if (isSendable)
        out = key->text();
    else
        key->error("key-text", "a key has no spaces, no line breaks and ASCII characters only",
                   "clients send it in the header `Authorization: Bearer KEY`");
    return isSendable && !key->text().empty();
}

void readAdmin(Section& top, AdminOptions& options) {
    const yaml::Node* const node = top.node("admin");
    if (node && node->kind() == yaml::Kind::Scalar) {
        top.address("admin", options.listen);
        return;
    }
    top.section("admin", [&](Section& admin) {
        admin.address("listen", options.listen);
        readAdminTls(admin, options);
        admin.boolean("public_metrics", options.metricsArePublic);
        readKey(admin, "read_key", options.readKey);
        readKey(admin, "operator_key", options.operatorKey);
        // An older word for the operator's key, which no file needs.
        const bool isThere = admin.node() && admin.node()->find("key");
        std::string key;
        if (!isThere && !admin.reading().shape) return;
        if (!readKey(admin, "key", key)) return;
        if (!options.operatorKey.empty())
            return admin.reading().error(admin.node("key")->span(), "admin-key",
                                         "'key' and 'operator_key' are the same thing",
                                         "leave one of them out");
        options.operatorKey = key;
    });
}

/// Whether there are some.
bool readPatterns(Section& section, std::string_view key, std::vector<std::string>& out) {
    const auto patterns = section.scalars(key, Form::pattern(expressionOfPatterns()));
    if (!patterns) return false;
    for (const Scalar& pattern : *patterns) {
        Pattern::Error error;
        if (Pattern::parse(pattern.text(), '/', &error))
            out.push_back(pattern.text());
        else
            pattern.errorAt(error.offset, "pattern", error.message, error.hint);
    }
    return !patterns->empty();
}

/// `100/s`.
void readRate(Section& section, std::uint32_t& eventsPerSecond) {
    constexpr std::uint32_t kMost = 1'000'000;
    const auto rate = section.scalar("rate", Form::pattern(integerPattern(1, kMost) + "/s"));
    if (!rate) return;
    std::string_view number = rate->text();
    UnitError error;
    std::optional<std::uint64_t> events;
    if (number.ends_with("/s")) events = parseInteger(number.substr(0, number.size() - 2), error);
    if (events && *events >= 1 && *events <= kMost)
        eventsPerSecond = static_cast<std::uint32_t>(*events);
    else
        rate->error("rate", "this is no rate", "write events per second, 1/s to 1000000/s");
}

void readPublishKeys(Section& publish, std::vector<PublishKey>& keys) {
    const yaml::Node* const list = publish.node("keys");
    if (!list || list->kind() == yaml::Kind::Null) return;
    Reading& reading = publish.reading();
    if (list->kind() != yaml::Kind::Sequence)
        return reading.error({list->span().begin, list->span().begin}, "kind",
                             "'keys' must be a list", "begin each key with `- key: ...`");
    for (const yaml::Node& item : list->items()) {
        Section one{reading, filledMappingOf(reading, item, "a key"), "publish.keys.*"};
        PublishKey key;
        one.needs("key", "write key: \"${SHOP_KEY}\"");
        const bool hasKey = readKey(one, "key", key.key);
        const yaml::Node* const text = one.node("key");
        if (!hasKey && text && text->kind() == yaml::Kind::Scalar && text->text().empty())
            reading.error(text->span(), "no-value", "'key' is empty", "write key: \"${SHOP_KEY}\"");
        readPatterns(one, "channels", key.channels);
        readRate(one, key.eventsPerSecond);
        one.finish();
        if (hasKey) keys.push_back(std::move(key));
    }
}

/// The place of the address itself, for what is wrong with it as a whole.
yaml::Span addressSpan(const yaml::Node* node) {
    if (node && node->kind() == yaml::Kind::Mapping) node = node->find("listen");
    return node ? node->span() : yaml::Span{};
}

void readHosts(Section& top, std::vector<std::string>& out) {
    const auto names = top.scalars("hosts", Form::pattern("[A-Za-z0-9._-]+"));
    if (!names) return;
    for (const Scalar& name : *names) {
        const auto bad = name.text().find_first_not_of(kHostCharacters);
        if (!name.text().empty() && bad == std::string::npos)
            out.push_back(name.text());
        else
            name.errorAt(bad == std::string::npos ? 0 : bad, "host",
                         "a host is a name without scheme, port and path", "write shop.example");
    }
}

void readOrigins(Section& cors, CorsOptions& options) {
    const auto origins =
        cors.scalars("origins", Form::pattern(R"(\*|[^A-Z/?#@*]+://[^A-Z/?#@*]+)"));
    if (!origins) return;
    for (const Scalar& origin : *origins) {
        const AddressError error =
            origin.text() == "*" ? AddressError{} : originError(origin.text());
        if (error.message.empty())
            options.origins.push_back(origin.text());
        else
            origin.errorAt(error.offset, "origin", error.message, error.hint);
    }
}

}  // namespace

void readListen(Section& top, HttpOptions& options) {
    top.addresses("listen", options.listen, GateLoop::kListenersMax);
    readHosts(top, options.hosts);
    readAdmin(top, options.admin);
    top.text("static", options.staticFolder);
    if (const std::string error = exposureError(options); !error.empty())
        top.reading().error(addressSpan(top.node("admin")), "admin-key", error,
                            "write admin: {listen: " + options.admin.listen +
                                ", operator_key: \"${OPERATOR_KEY}\"}, or listen on 127.0.0.1");
    if (const std::string error = certificateError(options); !error.empty())
        top.reading().error(addressSpan(top.node("listen")), "certificate", error,
                            "add tls: {certificate: server.pem, key: server.key}");
    if (const std::string warning = exposureWarning(options); !warning.empty())
        top.reading().warning(
            addressSpan(top.node("listen")), "no-authentication", warning,
            "add auth, let a proxy in front decide who may, or listen on 127.0.0.1");
}

void readCompat(Section& top, Settings& settings) {
    constexpr std::pair<std::string_view, Compat> kCompat[] = {{"none", Compat::None},
                                                               {"cyclone-sse", Compat::CycloneSse},
                                                               {"tornado-sse", Compat::TornadoSse}};
    top.choice<Compat>("compat", settings.http.compat, kCompat);
    // Their ping; `delivery.keepalive`, which is read next, goes first.
    if (settings.http.compat != Compat::None)
        settings.delivery.keepalive = std::chrono::seconds{30};
}

void readPublish(Section& top, HttpOptions& options) {
    top.section("publish", [&](Section& publish) {
        readKey(publish, "key", options.publish.key);
        const bool hasChannels = readPatterns(publish, "channels", options.publish.channels);
        readPublishKeys(publish, options.publish.keys);
        readPatterns(publish, "claims", options.publish.claims);
        if (!options.publish.claims.empty() && !options.auth.isOn)
            publish.reading().warning(publish.node("claims")->span(), "publish-claims",
                                      "without 'auth' there are no tokens that have claims",
                                      "add auth, or leave this out");
        const yaml::Node* const key = publish.node("key");
        if (hasChannels && options.publish.key.empty() && (!key || key->text().empty()))
            publish.reading().warning(publish.span(), "publish-key",
                                      "without 'key' nobody may publish to these channels",
                                      "add key: \"${PUBLISH_KEY}\"");
    });
}

void readCors(Section& top, HttpOptions& options) {
    top.section("cors", [&](Section& cors) {
        readOrigins(cors, options.cors);
        cors.boolean("credentials", options.cors.credentials);
        const auto& origins = options.cors.origins;
        const bool isForAll = std::find(origins.begin(), origins.end(), "*") != origins.end();
        if (isForAll && options.cors.credentials)
            cors.reading().error(cors.node("credentials")->span(), "cors-credentials",
                                 "browsers refuse credentials together with the origin \"*\"",
                                 "list the origins, or write credentials: false");
    });
}

std::string exposureError(const HttpOptions& options) {
    const bool hasKey = !options.admin.readKey.empty() || !options.admin.operatorKey.empty();
    if (hasKey || isLoopbackAddress(options.admin.listen)) return {};
    return "the admin listener " + options.admin.listen +
           " is reached from other machines and asks for no key";
}

std::string exposureWarning(const HttpOptions& options) {
    if (options.auth.isOn) return {};
    for (const std::string& address : options.listen)
        if (!isLoopbackAddress(address))
            return "everybody who reaches " + address + " may read every channel";
    return {};
}

}  // namespace sluice
