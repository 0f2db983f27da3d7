#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "Options.h"

namespace sluice::mqtt {

/// What went wrong with a broker, as a state of the input.
struct Fault {
    std::string code;  // refused, authentication, taken-over, ...; see README.md
    std::string text;
    bool isOfVersion = false;  // another version of the protocol may help
    bool isTakenOver = false;  // coming back at once would throw the other one out
};

/// Reason codes of MQTT 5.0, section 2.4, that are named here.
enum Reason : std::uint8_t {
    kUnspecified = 0x80,
    kUnsupportedVersion = 0x84,
    kBadClientId = 0x85,
    kBadLogin = 0x86,
    kNotAuthorized = 0x87,
    kUnavailable = 0x88,
    kTakenOver = 0x8e,
};

/// The broker refused the connection (CONNACK). `reason` is of MQTT 5, or a return code of 3.1.1.
Fault faultOfConnack(int reason, const Options& options, std::string_view clientId);
/// The broker said that it ends the connection (DISCONNECT, MQTT 5 only).
Fault faultOfDisconnect(int reason, const Options& options, std::string_view clientId);
/// The broker refused a subscription (SUBACK); 0x80 without more in 3.1.1.
Fault faultOfSuback(int reason, std::string_view filter, std::string_view clientId);
/// The handshake of TLS failed; `said` is what OpenSSL says, perhaps nothing.
Fault faultOfTls(std::string_view said, const Options& options);
/// The broker's certificate was refused; `verdict` in OpenSSL's words.
Fault faultOfCertificate(std::string_view verdict, const Options& options);

}  // namespace sluice::mqtt
