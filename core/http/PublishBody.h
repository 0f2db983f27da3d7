#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "http/HttpResponse.h"
#include "http/Publisher.h"

namespace sluice {

struct PublishLimits {
    std::size_t eventsMax = 10'000;         // in one request
    std::size_t channelsMax = 64;           // of one event
    std::size_t dataBytesMax = 256 * 1024;  // of one event
};

/// Reads what POST /publish brings: a JSON object
/// `{"channel": name or list, "event", "key", "data": any JSON, a string is sent raw}`, an array of
/// such objects, one object a line (NDJSON), or a form with the same names (`channel` repeated or
/// separated by commas). A body that begins with `{` or `[` is JSON whatever its type says.
///
/// Fills `events`, or returns the response that names the field at fault (in a list as
/// `[3].channel`, counted from 0): nothing is published then. Pure.
std::optional<HttpResponse> readPublishBody(std::string_view contentType, std::string_view body,
                                            const PublishLimits& limits,
                                            std::vector<PublishedEvent>& events);

}  // namespace sluice
