#include "net/ListenAddress.h"

namespace sluice {

ListenAddress ListenAddress::of(std::string_view text) {
    constexpr std::string_view kHttp = "http://", kHttps = "https://";
    if (text.starts_with(kHttp)) return {Scheme::Http, text.substr(kHttp.size())};
    if (text.starts_with(kHttps)) return {Scheme::Https, text.substr(kHttps.size())};
    return {Scheme::Any, text};
}

}  // namespace sluice
