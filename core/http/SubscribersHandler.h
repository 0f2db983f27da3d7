#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "delivery/StreamLook.h"
#include "http/HttpHandler.h"

namespace sluice {

/// Serves `GET /subscribers` of the admin listener: a page of open streams, what each reads and how
/// far it is behind, in JSON. Says nothing by which somebody could act for a reader.
class SubscribersHandler final : public HttpHandler {
  public:
    /// What is asked for, or nothing where the node cannot say now. May wait for the loops.
    using Look = std::function<std::optional<StreamsSeen>(const StreamWish& wish)>;
    /// Streams that are open.
    using Count = std::function<std::size_t()>;
    SubscribersHandler(Look look, Count count);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

    /// Streams of one page.
    static constexpr std::size_t kPageMax = 1'000;

  private:
    const Look look_;
    const Count count_;
};

}  // namespace sluice
