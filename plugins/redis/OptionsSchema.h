#pragma once

namespace sluice::redis {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "server": {"type": "string", "default": "redis://localhost:6379",
      "pattern": "^rediss?://", "description": "redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS"},
    "username": {"type": "string"},
    "password": {"type": "string", "writeOnly": true},
    "db": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0},
    "tls": {"type": ["boolean", "object"], "additionalProperties": false,
      "description": "true: with the system's authorities",
      "properties": {
        "ca": {"type": "string", "description": "file of the authorities to trust, PEM"},
        "cert": {"type": "string", "description": "file of our certificate, PEM"},
        "key": {"type": "string", "description": "file of its key, PEM"},
        "key_password": {"type": "string", "writeOnly": true}}},
    "streams": {"type": ["string", "array"], "items": {"type": "string"},
      "description": "keys and patterns of keys that are Redis Streams; all else is pub/sub"},
    "start": {"type": "string", "pattern": "^(live|earliest|since:.+)$",
      "default": "live",
      "description": "where a first start begins in streams: live, earliest, since:-15min, since:TIME"},
    "payload_field": {"type": "string",
      "description": "the field of an entry whose value is the payload; the others are headers"},
    "group": {"type": "object", "additionalProperties": false, "required": ["name", "consumer"],
      "properties": {
        "name": {"type": "string"},
        "consumer": {"type": "string", "description": "another one on every node"},
        "claim_idle": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "0ms",
          "description": "take over what other consumers have held for so long; 0ms: never"}}},
    "timeout": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "5s",
      "description": "of connecting and of answers, 100ms to 60s"},
    "keepalive": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "10s",
      "description": "of silence on pub/sub until the server is asked for a sign of life, 100ms to 1h"},
    "scan_interval": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "10s",
      "description": "between two looks for new streams of a pattern, 100ms to 1h"},
    "replay_timeout": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "30s",
      "description": "without the server for so long, reading the past again is given up, 100ms to 1h"},
    "message_bytes_max": {"type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$", "default": "16MiB",
      "description": "of one payload or field, 1KiB to 512MiB; a longer one is told as lost"}
  }
})";

}  // namespace sluice::redis
