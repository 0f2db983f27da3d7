#pragma once

#include <cstddef>
#include <cstdint>

#include "base/Clock.h"
#include "channel/HistoryPage.h"
#include "http/CallerHandler.h"

namespace sluice {

struct HistoryOptions {
    std::uint64_t eventsDefault = 100;  // of an answer, where the request does not say
    std::uint64_t eventsMax = 1'000;    // of an answer
    std::size_t bytesMax = 1u << 20;    // of an answer, about
};

/// Serves `GET /history/{channel}`: what the channel keeps, oldest first, with
///   `after=ID`, `since=...`, `from=-N`: where the range begins; else with the oldest event kept
///   `until=...`: where it ends: with what was appended then
///   `limit=N`: at most so many events
/// as one JSON object: that of PollBody, and "channel", "evicted" (the beginning of the range is
/// gone), "complete" (the answer can not change any more) and "next": the path that goes on
/// behind it, null where nothing more can come.
///
/// Complete answers from a fixed beginning may be cached for ever, but by the reader alone where he
/// had to say who he is; the others are to be validated
/// by their ETag. The tag is weak: ids that mean the same may be written in several ways.
class HistoryHandler final : public CallerHandler {
  public:
    /// Borrows all but the options.
    HistoryHandler(const HistoryOptions& options, const Hub& hub, const Origins& origins,
                   const Clock& clock);

    std::optional<HttpResponse> handle(const HttpRequest& request, const Caller& caller,
                                       HttpConnection& connection) override;

  private:
    // constant after construction
    const HistoryOptions options_;
    const Hub& hub_;
    const Origins& origins_;
    const Clock& clock_;
};

}  // namespace sluice
