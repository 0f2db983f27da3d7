#pragma once

namespace sluice::ticker {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "rate": {"type": "number", "minimum": 0.001, "maximum": 1000000, "default": 10,
      "description": "Messages per second, over all topics."},
    "count": {"type": "integer", "minimum": 0, "default": 0,
      "description": "The source ends after so many messages; 0: never."},
    "seed": {"type": "integer", "minimum": 0, "default": 1,
      "description": "Equal seeds give equal messages."},
    "keys": {"type": "integer", "minimum": 1, "default": 100,
      "description": "How many different keys there are."},
    "shape": {"enum": ["orders", "prices", "sensors", "flights", "counter"], "default": "orders",
      "description": "What the payload looks like."},
    "refunds": {"type": "integer", "minimum": 0, "default": 0,
      "description": "One order in so many ends by a message without payload, a tombstone; 0: none."},
    "size": {"type": "integer", "minimum": 0, "maximum": 1048576, "default": 0,
      "description": "Payloads are padded to so many bytes; 200 with scheduled."},
    "scheduled": {"type": "boolean", "default": false,
      "description": "Payloads begin with the number in the topic and the time when it was due."},
    "replayable": {"type": "boolean", "default": false,
      "description": "Messages have positions: ids of events mean the same after a restart."},
    "partitions": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1,
      "description": "Lanes of each topic, with replayable."},
    "keep": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "1h",
      "description": "How far back an endless replayable source can be read."},
    "topic": {"type": "string", "default": "tick"},
    "channels": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 1,
      "description": "More than one: topics TOPIC.0, TOPIC.1, ... in turn."},
    "topics": {"type": "array", "items": {"type": "string"},
      "description": "Names of topics, in turn; instead of topic and channels."}
  }
})";

}  // namespace sluice::ticker
