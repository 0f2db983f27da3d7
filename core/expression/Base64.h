#pragma once

#include <string>
#include <string_view>

namespace sluice::cel {

/// The standard alphabet of RFC 4648 with padding. Any thread may call.
std::string base64(std::string_view bytes);

}  // namespace sluice::cel
