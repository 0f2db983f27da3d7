#pragma once

#include <optional>
#include <string>

#include "channel/HistoryPage.h"
#include "http/HistoryHandler.h"
#include "http/HttpRequest.h"
#include "http/HttpResponse.h"

namespace sluice {

/// What a request for history asks for.
struct HistoryQuery {
    HistoryRequest request;
    bool isFixed = false;  // its range begins, and ends, at places that the clock does not move
    std::string rest;      // of the query, for the link that goes on: limit and until, as they came
};

/// Fills `query`, or returns the 400 that says what is wrong with which parameter. Pure.
std::optional<HttpResponse> readHistoryQuery(const HttpRequest& request,
                                             const HistoryOptions& options, std::int64_t nowMs,
                                             HistoryQuery& query);

}  // namespace sluice
