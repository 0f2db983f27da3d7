#include "Fault.h"

#include <array>
#include <cstdio>
#include <utility>

namespace sluice::mqtt {
namespace {

struct Meaning {
    int reason;
    const char* code;
    const char* words;
};

constexpr std::array kMeanings = {
    Meaning{0x81, "protocol", "malformed packet"},
    Meaning{0x82, "protocol", "protocol error"},
    Meaning{0x83, "broker", "implementation specific error"},
    Meaning{kUnsupportedVersion, "version", "unsupported protocol version"},
    Meaning{kBadClientId, "client-id", "client identifier not valid"},
    Meaning{kBadLogin, "authentication", "bad user name or password"},
    Meaning{kNotAuthorized, "not-authorized", "not authorized"},
    Meaning{kUnavailable, "unavailable", "server unavailable"},
    Meaning{0x89, "unavailable", "server busy"},
    Meaning{0x8a, "banned", "banned"},
    Meaning{0x8b, "shutting-down", "server shutting down"},
    Meaning{0x8c, "authentication", "bad authentication method"},
    Meaning{0x8d, "keep-alive", "keep alive timeout"},
    Meaning{kTakenOver, "taken-over", "session taken over"},
    Meaning{0x8f, "bad-pattern", "topic filter invalid"},
    Meaning{0x90, "bad-topic", "topic name invalid"},
    Meaning{0x93, "protocol", "receive maximum exceeded"},
    Meaning{0x94, "protocol", "topic alias invalid"},
    Meaning{0x95, "oversized", "packet too large"},
    Meaning{0x96, "rate", "message rate too high"},
    Meaning{0x97, "quota", "quota exceeded"},
    Meaning{0x98, "administrative", "administrative action"},
    Meaning{0x9a, "unsupported", "retain not supported"},
    Meaning{0x9b, "unsupported", "QoS not supported"},
    Meaning{0x9c, "moved", "use another server"},
    Meaning{0x9d, "moved", "server moved"},
    Meaning{0x9e, "unsupported", "shared subscriptions not supported"},
    Meaning{0x9f, "rate", "connection rate exceeded"},
    Meaning{0xa0, "administrative", "maximum connect time"},
    Meaning{0xa1, "unsupported", "subscription identifiers not supported"},
    Meaning{0xa2, "unsupported", "wildcard subscriptions not supported"},
};

/// Return codes of 3.1.1, 3.2.2.3, from 1 on.
constexpr std::array kReturnCodes = {kUnsupportedVersion, kBadClientId, kUnavailable, kBadLogin,
                                     kNotAuthorized};

std::string quoted(std::string_view words) {
    return " (" + std::string(words) + ")";
}

Meaning meaningOf(int reason) {
    for (const Meaning& meaning : kMeanings)
        if (meaning.reason == reason) return meaning;
    return {reason, "broker", ""};
}

std::string wordsOf(const Meaning& meaning) {
    if (meaning.words[0] != '\0') return quoted(meaning.words);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "reason 0x%02x", static_cast<unsigned>(meaning.reason));
    return quoted(text.data());
}

std::string adviceFor(int reason, const Options& options, std::string_view clientId) {
    switch (reason) {
        case kUnsupportedVersion:
            return "; leave out version:, or write another one";
        case kBadClientId:
            return "; it may want another client_id: than " + std::string(clientId);
        case kBadLogin:
        case kNotAuthorized:
            return options.username ? "" : "; there is no username: and password:";
        case kTakenOver:
            return "; another client uses the client id " + std::string(clientId) +
                   ": give every instance its own client_id:";
        default:
            return "";
    }
}

Fault faultOf(int reason, const std::string& what, const Options& options,
              std::string_view clientId) {
    const Meaning meaning = meaningOf(reason);
    Fault fault;
    fault.code = meaning.code;
    fault.text = what + wordsOf(meaning) + adviceFor(reason, options, clientId);
    fault.isOfVersion = reason == kUnsupportedVersion;
    fault.isTakenOver = reason == kTakenOver;
    return fault;
}

}  // namespace

Fault faultOfConnack(int reason, const Options& options, std::string_view clientId) {
    const auto index = static_cast<std::size_t>(reason) - 1;
    if (index < kReturnCodes.size()) reason = kReturnCodes[index];
    return faultOf(reason, options.broker.text() + " refused us", options, clientId);
}

Fault faultOfDisconnect(int reason, const Options& options, std::string_view clientId) {
    return faultOf(reason, options.broker.text() + " ended the connection", options, clientId);
}

Fault faultOfSuback(int reason, std::string_view filter, std::string_view clientId) {
    const Meaning meaning = meaningOf(reason);
    const bool isUntold = reason == kUnspecified || reason == kNotAuthorized;
    return {.code = isUntold ? "not-authorized" : meaning.code,
            .text = "the broker refused the subscription to " + std::string(filter) +
                    (reason == kUnspecified ? "" : wordsOf(meaning)) +
                    (isUntold ? "; the client id is " + std::string(clientId) : "")};
}

Fault faultOfTls(std::string_view said, const Options& options) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kReasons = {{
        {"bad certificate", "it refused our certificate, or wants one"},
        {"certificate required", "it wants a certificate of ours"},
        {"unknown ca", "it does not know our certificate's authority"},
        {"certificate expired", "our certificate has expired"},
        {"wrong version number", "it did not answer in TLS"},
        {"unexpected eof", "it closed the connection during the handshake"},
        {"bad decrypt", "our key cannot be read: key_password is wrong"},
        {"key values mismatch", "key is not that of cert"},
        {"No such file", "a file of tls: is not there"},
        {"Permission denied", "a file of tls: may not be read"},
        {"no start line", "a file of tls: is not PEM"},
    }};
    const std::string with = "TLS with " + options.broker.text() + " failed: ";
    for (const auto& [part, words] : kReasons)
        if (said.find(part) != std::string_view::npos)
            return {.code = "tls", .text = with + std::string(words)};
    return {.code = "tls", .text = with + "it closed the connection or did not answer"};
}

Fault faultOfCertificate(std::string_view verdict, const Options& options) {
    return {.code = "tls",
            .text = "TLS with " + options.broker.text() +
                    " failed: its certificate could not be verified" + quoted(verdict)};
}

}  // namespace sluice::mqtt
