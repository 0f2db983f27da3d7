#pragma once

#include <optional>
#include <string>

#include "http/HttpRequest.h"

namespace sluice {

/// What cyclone-sse publishes by: `key`, `channel` (may be repeated) and `message`.
struct CycloneForm {
    std::string key, message;
    std::string channels;  // the items of a JSON list

    /// The body that POST /publish takes for it.
    std::string json() const;
};

/// The form in the query and the body of a request, whatever its content type says; nothing where
/// the body is JSON, or a form of ours (which has `data`), or cannot be read. Pure.
std::optional<CycloneForm> cycloneFormOf(const HttpRequest& request);

}  // namespace sluice
