#include "Fault.h"

#include <array>
#include <utility>

namespace sluice::kafka {
namespace {

constexpr int kScramSpeaksKafka4 = 0x02060100;  // 2.6.1; the last byte is a release's own

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// librdkafka begins with "sasl_ssl://host:port/bootstrap: " or "host:port/1: ".
std::string brokerOf(std::string_view reason, const Options& options) {
    const auto end = reason.find(": ");
    if (end == std::string_view::npos || !has(reason.substr(0, end), "/")) return options.brokers;
    std::string_view broker = reason.substr(0, end);
    if (const auto scheme = broker.find("://"); scheme != std::string_view::npos)
        broker.remove_prefix(scheme + 3);
    return std::string(broker.substr(0, broker.find('/')));
}

Fault describeTransport(std::string_view reason, const std::string& broker) {
    using enum Fault::Weight;
    if (has(reason, "Connection refused"))
        return {Refused, "refused", broker + " refused the connection"};
    if (has(reason, "unreachable") || has(reason, "No route"))
        return {Refused, "unreachable", broker + " cannot be reached"};
    if (has(reason, "timed out")) return {Silent, "no-answer", broker + " does not answer"};
    return {Closed, "closed", broker + " closed the connection"};
}

Fault describeLogin(std::string_view reason, const std::string& broker, const Options& options) {
    std::string text = broker + " refused the login";
    // What the broker itself said is a fact.
    constexpr std::string_view kBrokerSays = "Authentication failed";
    if (const auto at = reason.find(kBrokerSays); at != std::string_view::npos) {
        const std::string_view said = reason.substr(at);
        text.append(": ").append(said.substr(0, said.find(" (after ")));
    }
    if (const auto hint = scramHint(options); !hint.empty()) text.append("; ").append(hint);
    return {Fault::Weight::Definite, "authentication", options.scrub(std::move(text))};
}

Fault describeTls(std::string_view reason, const std::string& broker) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kReasons = {{
        {"certificate verify failed",
         "its certificate could not be verified (unknown authority, other host name, or expired)"},
        {"bad certificate", "it refused our certificate, or wants one (alert bad certificate)"},
        {"certificate required", "it wants a certificate of ours"},
        {"unknown ca", "it does not know our certificate's authority"},
        {"certificate expired", "our certificate has expired"},
        {"wrong version number", "it did not answer in TLS"},
        {"unexpected eof", "it closed the connection during the handshake"},
        {"Disconnected", "it closed the connection during the handshake"},
    }};
    for (const auto& [part, words] : kReasons)
        if (has(reason, part))
            return {Fault::Weight::Definite, "tls",
                    "TLS with " + broker + " failed: " + std::string(words)};
    return {Fault::Weight::Definite, "tls", "TLS with " + broker + " failed"};
}

}  // namespace

Fault describe(rd_kafka_resp_err_t error, std::string_view reason, const Options& options) {
    const std::string broker = brokerOf(reason, options);
    switch (error) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            return describeLogin(reason, broker, options);
        case RD_KAFKA_RESP_ERR__SSL:
            return describeTls(reason, broker);
        case RD_KAFKA_RESP_ERR__RESOLVE:
            return {Fault::Weight::Refused, "name", "the name of " + broker + " is unknown"};
        case RD_KAFKA_RESP_ERR__TRANSPORT:
            // An alert of TLS 1.3 comes after the handshake, and then as a transport error.
            if (has(reason, "SSL handshake") || has(reason, "SSL routines"))
                return describeTls(reason, broker);
            return describeTransport(reason, broker);
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
        case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
            return {Fault::Weight::Silent, "no-answer", broker + " does not answer"};
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
            return {};
        default:
            return {Fault::Weight::Closed, "broker", std::string(rd_kafka_err2str(error))};
    }
}

std::string withoutGuess(std::string_view line) {
    for (const auto guess : {": might be ", ", verify that ", " (connecting to ",
                             ": connecting to a", ": client SSL authentication might be"})
        line = line.substr(0, line.find(guess));
    return std::string(line);
}

std::string_view scramHint(const Options& options) {
    if (!options.usesScram || rd_kafka_version() >= kScramSpeaksKafka4) return {};
    return "librdkafka below 2.6.1 cannot log in to Kafka 4 by SCRAM";
}

}  // namespace sluice::kafka
