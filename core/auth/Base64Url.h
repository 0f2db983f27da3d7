#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Decodes base64url without padding (RFC 7515 section 2). Nothing for any other character, for a
/// length that cannot be and for bits behind the last byte that are not 0: there is one text per
/// value. Pure.
std::optional<std::string> decodeBase64Url(std::string_view text);

}  // namespace sluice
