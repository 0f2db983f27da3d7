#pragma once

#include <span>
#include <string>

#include "Reply.h"

namespace sluice::redis {

/// Appends the fields as a JSON object, in their order; of a name that comes twice the last value
/// counts. Values are strings; one that is not UTF-8 becomes {"base64": "..."}, a name that is not
/// `base64:...`.
void appendJson(std::span<const Reply> fields, std::string& out);

}  // namespace sluice::redis
