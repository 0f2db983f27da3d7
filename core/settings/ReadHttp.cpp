#include <algorithm>

#include "http/GateLoop.h"
#include "settings/Addresses.h"
#include "settings/ReadOptions.h"

namespace sluice {
namespace {

constexpr std::string_view kHostCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

/// A key that clients send as `Authorization: Bearer`: what a header can carry.
void readKey(Section& section, std::string& out) {
    const auto key = section.scalar("key", Form::pattern("[!-~]*"));
    if (!key) return;
    const bool isSendable = std::all_of(key->text().begin(), key->text().end(),
                                        [](char c) { return c > ' ' && c < 0x7f; });
    if (isSendable)
        out = key->text();
    else
        key->error("key-text", "a key has no spaces, no line breaks and ASCII characters only",
                   "clients send it in the header `Authorization: Bearer KEY`");
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
        readKey(admin, options.key);
        admin.boolean("public_metrics", options.metricsArePublic);
    });
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
                                ", key: \"${ADMIN_KEY}\"}, or listen on 127.0.0.1");
    if (const std::string error = certificateError(options); !error.empty())
        top.reading().error(addressSpan(top.node("listen")), "certificate", error,
                            "add tls: {certificate: server.pem, key: server.key}");
    if (const std::string warning = exposureWarning(options); !warning.empty())
        top.reading().warning(addressSpan(top.node("listen")), "no-authentication", warning,
                              "let a proxy in front decide who may, or listen on 127.0.0.1");
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
        readKey(publish, options.publish.key);
        const auto channels = publish.scalars("channels", Form::pattern(expressionOfPatterns()));
        if (!channels) return;
        for (const Scalar& channel : *channels) {
            Pattern::Error error;
            if (Pattern::parse(channel.text(), '/', &error))
                options.publish.channels.push_back(channel.text());
            else
                channel.errorAt(error.offset, "pattern", error.message, error.hint);
        }
        const yaml::Node* const key = publish.node("key");
        if (!channels->empty() && options.publish.key.empty() && (!key || key->text().empty()))
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
    if (!options.admin.key.empty() || isLoopbackAddress(options.admin.listen)) return {};
    return "the admin listener " + options.admin.listen +
           " is reached from other machines and asks for no key";
}

std::string exposureWarning(const HttpOptions& options) {
    for (const std::string& address : options.listen)
        if (!isLoopbackAddress(address))
            return "everybody who reaches " + address + " may read every channel";
    return {};
}

}  // namespace sluice
