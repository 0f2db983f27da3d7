#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "base/Clock.h"
#include "delivery/StreamRequest.h"
#include "http/CallerHandler.h"
#include "http/ClientLimits.h"
#include "http/Cors.h"

namespace sluice {

struct StreamOptions {
    std::size_t channelsMax = 64;             // of one stream
    std::chrono::milliseconds stall{30'000};  // DeliveryOptions::stall
    Format format = Format::Stream;           // what is served
    std::optional<Control> control = {};      // of old clients, whatever the query says
};

/// Serves `/events/*` and `/events`, or `/poll/*` and `/poll`: reads what the stream asks for
/// (StreamQuery.h) and hands its socket to the delivery loops. HEAD gets the head that a stream
/// would have.
class StreamHandler final : public CallerHandler {
  public:
    /// DeliveryPool::adopt; the flag says whether the request accepts event streams. Must not
    /// throw.
    using Adopt = std::function<void(StreamRequest, bool)>;

    /// Borrows `cors` and `filters` (both may be null), `limits` and `clock`.
    StreamHandler(const StreamOptions& options, const Cors* cors, EventFilters* filters,
                  ClientLimits& limits, const Clock& clock, Adopt adopt);

    std::optional<HttpResponse> handle(const HttpRequest& request, const Caller& caller,
                                       HttpConnection& connection) override;

  private:
    // constant after construction
    const StreamOptions options_;
    const Cors* cors_;
    EventFilters* filters_;
    ClientLimits& limits_;
    const Clock& clock_;
    const Adopt adopt_;
};

}  // namespace sluice
