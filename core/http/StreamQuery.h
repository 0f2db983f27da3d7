#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "channel/Resume.h"
#include "channel/Subscription.h"
#include "http/HttpRequest.h"
#include "http/HttpResponse.h"

namespace sluice {

/// What a request for a stream asks for: `GET /events/{channel}` (the rest of the path) and
/// `GET /events?channels=a,b` (also repeated), with
///   Last-Event-ID (header), `last_event_id`, `lastEventId`: where to resume; the header wins
///   `from=live|earliest|-N`, `since=...` (Since.h): where to begin without an id
///   `filter=EXPR`: only events that the expression takes, where the channels' policies allow it
///   `envelope=json`, `control=comments`, `limit=N`, `types=a,b`
/// Parameters with other names are not ours and are left alone.
struct StreamQuery {
    SubscriptionSpec spec;
    ResumeRequest resume;
};

struct StreamQueryContext {
    std::string_view path = "/events";  // what stands before a channel in the path
    std::size_t channelsMax = 64;
    std::int64_t nowMs = 0;           // what `since=-15min` counts from
    EventFilters* filters = nullptr;  // null: no filter is taken
};

/// Fills `query`, or returns the error that says what is wrong with which parameter: a 400, a 403
/// for a filter that the channels do not allow, a 503 where there is no room for another filter. An
/// id in the header is never refused: browsers would give up for good.
std::optional<HttpResponse> readStreamQuery(const HttpRequest& request,
                                            const StreamQueryContext& context, StreamQuery& query);

}  // namespace sluice
