#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "channel/EventFilter.h"
#include "delivery/StreamChange.h"
#include "http/CallerHandler.h"
#include "http/Cors.h"

namespace sluice {

/// Serves `PATCH /streams/{token}` with `{"add": [CHANNEL, ...], "remove": [...]}`: changes the
/// channels of a living stream, whose `sluice.open` told the token. Answers
/// `{"channels": [...]}`, those in force from now on, when they are: the loop that has the stream
/// sends the answer, so nobody waits for a stream that still catches up.
///
/// Also serves `POST /streams/{token}/auth`: the token that the request carries takes the place of
/// the stream's, whose subject it must have and whose channels it must be allowed to read. Answers
/// in the same way.
class StreamChangeHandler final : public CallerHandler {
  public:
    /// DeliveryPool's.
    struct Streams {
        std::function<std::optional<StreamNumber>(std::string_view token)> read;
        std::function<bool(StreamChange&)> change;
    };
    static constexpr std::size_t kBodyMax = 64u << 10;

    /// Borrows `cors` and `filters` (both may be null).
    StreamChangeHandler(std::size_t channelsMax, const Cors* cors, EventFilters* filters,
                        Streams streams);

    std::optional<HttpResponse> handle(const HttpRequest& request, const Caller& caller,
                                       HttpConnection& connection) override;

  private:
    std::optional<HttpResponse> read(const HttpRequest& request, const Caller& caller,
                                     StreamChange& change) const;

    // constant after construction
    const std::size_t channelsMax_;
    const Cors* cors_;
    EventFilters* filters_;
    const Streams streams_;
};

/// What is answered; pure.
HttpResponse responseOf(const ChangeOutcome& outcome, std::size_t channelsMax);

}  // namespace sluice
