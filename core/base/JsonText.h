#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Deepest nesting of arrays and objects that isJson follows; deeper texts count as no JSON.
inline constexpr int kJsonDepthMax = 512;

/// Whether `text` is one JSON text by the grammar of RFC 8259 (white space around it is allowed),
/// in UTF-8. Numbers of any size and lone surrogate escapes are JSON; nothing is converted.
/// (simdjson's on-demand reader skips values without looking at them, its DOM refuses numbers
/// that do not fit: neither answers this question.) Any thread may call.
bool isJson(std::string_view text);
/// The same of a text that is known to be UTF-8. REQUIRES: isUtf8(text).
bool isJsonInUtf8(std::string_view text);

/// Appends `text` as a JSON string with its quotes. Where `text` is not UTF-8, each of its bytes
/// above 0x7f becomes U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

}  // namespace sluice
