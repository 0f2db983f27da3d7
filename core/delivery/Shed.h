#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "delivery/Inbox.h"
#include "event/Block.h"

/// What a stream gets that cannot be served now (design.md section 5). Any thread.
namespace sluice {

/// Told to a shed browser, times 0.8 to 1.2.
inline constexpr std::uint32_t kShedRetryMs = 30'000;

/// For readers of event streams: the head of the stream, a `retry:` and the end, without any blank
/// line in the body. Any other status would make a browser give up for good.
std::string shedStream(std::string_view responseHead, Framing framing, std::uint32_t retryMs);

/// For everybody else: 503 with Retry-After. Keeps the fields of the head that let a page of
/// another origin read the answer.
std::string shedAnswer(std::string_view responseHead, std::uint32_t retryMs);

/// Answers the adoption in one of these ways and closes its socket. Never waits.
void shed(Adoption& adoption, std::uint32_t retryMs) noexcept;

}  // namespace sluice
