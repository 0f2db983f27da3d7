#include "http/CertificateClaims.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/Json.h"
#include "base/Utf8.h"

namespace sluice {
namespace {

Json listOf(const std::vector<std::string>& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) list.add(Json::string(text));
    return list;
}

Json subjectOf(const ClientCertificate::Attributes& attributes) {
    Json subject = Json::object();
    for (const auto& [name, value] : attributes) {
        if (subject.find(name)) continue;
        std::vector<std::string> values;
        for (const auto& [other, text] : attributes)
            if (other == name) values.push_back(text);
        subject.set(name, values.size() == 1 ? Json::string(value) : listOf(values));
    }
    return subject;
}

std::string whoIs(const ClientCertificate& certificate) {
    if (!certificate.subject.empty()) return certificate.subject;
    for (const auto* const names : {&certificate.uris, &certificate.dnsNames, &certificate.emails})
        if (!names->empty()) return names->front();
    return certificate.fingerprint;
}

/// JSON would write two texts alike that are not UTF-8.
bool isText(const ClientCertificate& certificate) {
    const auto areTexts = [](const std::vector<std::string>& texts) {
        return std::all_of(texts.begin(), texts.end(),
                           [](const std::string& text) { return isUtf8(text); });
    };
    const bool haveTexts =
        std::all_of(certificate.attributes.begin(), certificate.attributes.end(),
                    [](const auto& one) { return isUtf8(one.first) && isUtf8(one.second); });
    return haveTexts && areTexts(certificate.dnsNames) && areTexts(certificate.emails) &&
           areTexts(certificate.uris);
}

}  // namespace

ClaimsPtr claimsOf(const ClientCertificate& certificate) {
    // Reading each attribute is quadratic.
    constexpr std::size_t kAttributesMax = 100;
    if (certificate.attributes.size() > kAttributesMax || !isText(certificate)) return nullptr;
    Json names = Json::object();
    names.set("dns", listOf(certificate.dnsNames));
    names.set("email", listOf(certificate.emails));
    names.set("uri", listOf(certificate.uris));
    names.set("ip", listOf(certificate.addresses));
    Json claims = Json::object();
    claims.set("sub", Json::string(whoIs(certificate)));
    claims.set("jti", Json::string(certificate.fingerprint));
    claims.set("iat", Json::number(std::max<std::int64_t>(certificate.notBeforeS, 0)));
    claims.set("exp", Json::number(std::max<std::int64_t>(certificate.notAfterS, 0)));
    claims.set("subject", subjectOf(certificate.attributes));
    claims.set("names", std::move(names));
    claims.set("issuer", Json::string(certificate.issuer));
    claims.set("serial", Json::string(certificate.serial));
    claims.set("fingerprint", Json::string(certificate.fingerprint));
    return Claims::parse(claims.compact());
}

}  // namespace sluice
