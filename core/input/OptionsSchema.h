#pragma once

#include <vector>

#include "base/Json.h"
#include "input/PluginRun.h"

namespace sluice {

/// What the JSON Schema (draft-07) of a plugin's options does not allow in an input's settings.
/// Values count as plugins read them: a scalar is text that may be a number or a boolean besides.
/// Knows type, enum, const, the bounds of numbers, texts, lists and objects, pattern (RE2),
/// properties, additionalProperties, required, dependencies, items, allOf, anyOf, oneOf, not and
/// references to "#/definitions/NAME"; all else allows everything. Texts show no values: they may
/// be secrets. Pure.
std::vector<SettingError> schemaErrors(const Json& schema, const Setting& settings);

}  // namespace sluice
