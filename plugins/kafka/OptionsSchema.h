#pragma once

namespace sluice::kafka {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "brokers": {"type": ["string", "array"], "pattern": "^[^ /\\t]*$",
      "items": {"type": "string", "pattern": "^[^ /\\t]*$"},
      "default": "localhost:9092", "description": "HOST:PORT, several in a list"},
    "start": {"type": "string", "pattern": "^(live|earliest|since:.+)$",
      "default": "live",
      "description": "where a first start begins: live, earliest, since:-15min, since:TIME"},
    "buffer": {"type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$", "default": "64MiB",
      "description": "records fetched ahead, 1MiB to 2047MiB"},
    "replay_timeout": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "30s",
      "description": "without a record for so long, reading the past again is given up, 100ms to 1h"},
    "username": {"type": "string"},
    "password": {"type": "string", "writeOnly": true},
    "mechanism": {"enum": ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], "default": "PLAIN"},
    "tls": {"type": ["boolean", "object"], "additionalProperties": false,
      "description": "true: with the system's authorities",
      "properties": {
        "ca": {"type": "string", "description": "file of the authorities to trust, PEM"},
        "cert": {"type": "string", "description": "file of our certificate, PEM"},
        "key": {"type": "string", "description": "file of its key, PEM"},
        "key_password": {"type": "string", "writeOnly": true}}},
    "rdkafka": {"type": "object",
      "additionalProperties": {"type": ["string", "number", "boolean"]},
      "description": "properties of librdkafka, passed through"}
  }
})";

}  // namespace sluice::kafka
