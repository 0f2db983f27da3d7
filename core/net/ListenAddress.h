#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// An address to listen on as settings and command line write it: HOST:PORT, perhaps behind
/// `http://` or `https://`. Without such a word it speaks TLS where there is a certificate.
struct ListenAddress {
    enum class Scheme : std::uint8_t { Any, Http, Https };
    Scheme scheme = Scheme::Any;
    std::string_view hostPort;  // of the text that was read

    /// Never fails; whether `hostPort` is an address is another question.
    static ListenAddress of(std::string_view text);
    bool isTls(bool hasCertificate) const {
        return scheme == Scheme::Https || (scheme == Scheme::Any && hasCertificate);
    }
};

}  // namespace sluice
