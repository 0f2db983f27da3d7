#pragma once

#include <string>

#include "base/Json.h"

namespace sluice {

/// The JSON Schema (draft-07) of a plugin's options as an editor needs it. A plugin's schema speaks
/// of values as the plugin reads them: all are texts, `${NAME}` replaced. In a file, `keep: 10` is
/// a number where a text is asked for, `"10"` a text where a number is, and `${NAME}` may stand for
/// any of them. Its definitions go into `definitions`, their names behind `prefix`. What a schema
/// forbids by `not` stays as it is.
Json editorSchema(const Json& schema, const std::string& prefix, Json& definitions);

}  // namespace sluice
