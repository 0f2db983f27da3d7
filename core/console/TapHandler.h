#pragma once

#include <functional>
#include <memory>

#include "base/Clock.h"
#include "http/HttpHandler.h"
#include "input/LiveTap.h"
#include "mapping/MappingTable.h"

namespace sluice {

/// Serves `GET /tap?channel=NAME&input=NAME&after=N` of the admin listener: the messages that came
/// since the last question and that gave an event on the channel (absent: all of the input, or of
/// all inputs), each with what the mappings in force make of it:
/// `{"next": N, "passedOver": n, "messages": [{"number", "message": {...}, "explained": {...}}]}`.
/// The first question begins to look, and finds nothing. Payloads come with what `redact` of any
/// mapping of their topic hides written as null.
class TapHandler final : public HttpHandler {
  public:
    using Mappings = std::function<std::shared_ptr<const MappingTable>()>;

    /// Borrows the tap and the clock.
    TapHandler(LiveTap& tap, Mappings mappings, const Clock& clock);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

  private:
    LiveTap& tap_;
    const Mappings mappings_;
    const Clock& clock_;
};

}  // namespace sluice
