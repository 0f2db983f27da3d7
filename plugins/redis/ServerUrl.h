#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::redis {

/// redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS; user and password percent-encoded.
struct ServerUrl {
    bool usesTls = false;
    std::optional<std::string> username, password;
    std::string host;
    std::optional<std::uint16_t> port;
    std::optional<std::uint32_t> database;
};

/// What is wrong with a URL and what to write instead; neither shows any of the URL.
struct UrlError {
    std::string text, hint;
};

std::optional<ServerUrl> parseServerUrl(std::string_view text, UrlError& error);

}  // namespace sluice::redis
