#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sluice::test {

/// A message for benchmarks: a JSON order with a running number, filled up to so many bytes (200
/// and more).
inline std::string orderPayload(std::uint64_t seq, std::size_t bytes) {
    const std::string number = std::to_string(seq);
    std::string payload = R"({"seq":)" + number + R"(,"id":"O-)" + number +
                          R"(","status":"PAID","amount":129.90,"customer":{"name":"Ada Lovelace",)"
                          R"("country":"DE"},"pad":")";
    if (payload.size() + 2 < bytes) payload.resize(bytes - 2, 'x');
    return payload + "\"}";
}

}  // namespace sluice::test
