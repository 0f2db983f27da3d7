#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice {

/// How streams are delivered; the settings key is `delivery`.
struct DeliveryOptions {
    std::chrono::milliseconds retry{2'000};       // told to browsers in the first block
    std::chrono::milliseconds keepalive{20'000};  // a position block after so long without a write
    std::chrono::milliseconds poll{25'000};       // a poll without events is answered after this
    std::chrono::milliseconds stall{30'000};      // no byte accepted for so long: close
    std::chrono::milliseconds drain{8'000};       // from SIGTERM until the last stream is closed
    std::uint32_t loops = 0;                      // threads; 0: one per core, at most 8
    std::size_t subscribersMax = 0;               // 0: open-file limit - 512
    std::size_t catchUpsMax = 1'000;              // streams that catch up at once; others wait
    std::size_t inboxMax = 20'000;                // adopted, not yet taken over, per loop
    bool operator==(const DeliveryOptions&) const = default;
};

}  // namespace sluice
