#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// What a server said.
struct HttpAnswer {
    int status = 0;
    std::string body;
};

/// What a request of ours may cost.
struct HttpClientLimits {
    std::chrono::milliseconds timeout{3'000};  // of the whole
    std::size_t bodyBytesMax = 256u << 10;
};

/// Asks `url`, http:// or https:// with the certificate authorities of the system, by GET. Follows
/// no redirect. Blocks for about `timeout` at most, unless the resolver takes longer. Throws
/// std::runtime_error that says what went wrong, without the URL. Any thread may call.
HttpAnswer httpGet(const std::string& url,
                   const std::vector<std::pair<std::string, std::string>>& fields,
                   const HttpClientLimits& limits);

/// Whether httpGet could ask this.
bool isHttpUrl(const std::string& url);

}  // namespace sluice
