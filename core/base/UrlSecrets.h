#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// One `*` for each character of UTF-8, so that columns stay.
std::string stars(std::string_view text);

/// The text with the passwords of its URLs covered, as long as it was: redis://user:****@host. Of
/// one with a single word before its host that word is covered; `${NAME}` stays. Where a URL does
/// not end clearly, rather more is covered. Any thread may call.
std::string withUrlsCovered(std::string_view text);

}  // namespace sluice
