#pragma once

namespace sluice::replay {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "required": ["file"],
  "properties": {
    "file": {"type": "string", "minLength": 1,
      "description": "A recording that sluice record wrote."},
    "input": {"type": "string", "minLength": 1,
      "description": "Which of its inputs is played; needed where it has several."},
    "speed": {"default": 1,
      "description": "1: at its own pace, 10: ten times as fast; max: as fast as it goes.",
      "oneOf": [{"type": "number", "minimum": 0.01, "maximum": 1000000}, {"const": "max"}]},
    "loop": {"type": "boolean", "default": false,
      "description": "Begins anew at the end; positions grow on."},
    "start": {"enum": ["earliest", "live"], "default": "earliest",
      "description": "Begins at the beginning, or so far before the end as rewind says."}
  }
})";

}  // namespace sluice::replay
