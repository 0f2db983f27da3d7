#include <array>

#include "net/ListenAddress.h"
#include "settings/ReadOptions.h"

namespace sluice {
namespace {

using Oldest = TlsOptions::Oldest;
constexpr std::array kOldest{std::pair{std::string_view{"tls1.2"}, Oldest::Tls12},
                             std::pair{std::string_view{"tls1.3"}, Oldest::Tls13}};

void readClients(Section& tls, TlsOptions& options) {
    tls.section("clients", [&](Section& clients) {
        clients.text("authorities", options.clientAuthorities);
        clients.needs("authorities",
                      "add authorities: clients-ca.pem, who signed their certificates");
        clients.boolean("required", options.clientsRequired);
    });
}

/// The keys that both `tls` and `admin.tls` have.
void readCertificate(Section& tls, TlsOptions& options) {
    tls.text("certificate", options.certificate);
    tls.needs("certificate", "add certificate: server.pem, with its chain");
    tls.text("key", options.key);
    tls.text("password", options.password);
    tls.choice<Oldest>("oldest", options.oldest, kOldest);
    readClients(tls, options);
}

SourceMark markOf(Section& section, std::string_view key) {
    const yaml::Node* const node = section.node(key);
    return node ? section.reading().markOf(*node) : SourceMark{};
}

}  // namespace

void readTls(Section& top, Settings& settings) {
    top.section("tls", [&](Section& tls) {
        readCertificate(tls, settings.http.tls);
        tls.integer("redirect", settings.http.redirectPort, 0, 65'535);
        settings.tlsMark = markOf(tls, "certificate");
    });
}

void readAdminTls(Section& admin, AdminOptions& options) {
    admin.section("tls", [&](Section& tls) { readCertificate(tls, options.tls); });
}

std::string certificateError(const HttpOptions& options) {
    const auto lacks = [](const std::string& address, const TlsOptions& tls) {
        return ListenAddress::of(address).scheme == ListenAddress::Scheme::Https && !tls.isOn();
    };
    for (const std::string& address : options.listen)
        if (lacks(address, options.tls)) return address + " wants a certificate";
    if (lacks(options.admin.listen, options.adminTls()))
        return options.admin.listen + " wants a certificate";
    return {};
}

}  // namespace sluice
