#pragma once

namespace sluice::mqtt {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "broker": {"type": "string",
      "pattern": "^(mqtts?://)?(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9._-]+)(:[0-9]+)?/?$",
      "default": "mqtt://localhost:1883",
      "description": "mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS"},
    "version": {"enum": [5, "5", "3.1.1"],
      "description": "of the protocol; absent: 5, or 3.1.1 where the broker refuses 5"},
    "client_id": {"type": "string", "minLength": 1, "maxLength": 255,
      "description": "absent: made of host, input and machine, never shared by two instances"},
    "session": {"type": "string", "pattern": "^(clean|[0-9]+(ms|s|min|h|d))$", "default": "1h",
      "description": "how long the broker keeps messages for us while we are away, or clean"},
    "qos": {"type": "integer", "minimum": 0, "maximum": 2, "default": 1,
      "description": "the highest quality of service that is asked for"},
    "keepalive": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "20s",
      "description": "a silence that is longer is a lost connection; 1s to 18h"},
    "username": {"type": "string"},
    "password": {"type": "string", "writeOnly": true},
    "tls": {"type": ["boolean", "object"], "additionalProperties": false,
      "description": "true: with the system's authorities",
      "properties": {
        "ca": {"type": "string", "description": "file of the authorities to trust, PEM"},
        "cert": {"type": "string", "description": "file of our certificate, PEM"},
        "key": {"type": "string", "description": "file of its key, PEM"},
        "key_password": {"type": "string", "writeOnly": true}}},
    "status": {"type": "object", "additionalProperties": false, "required": ["topic"],
      "description": "what we publish about ourselves; offline is our last will",
      "properties": {
        "topic": {"type": "string", "minLength": 1},
        "online": {"type": "string", "default": "online"},
        "offline": {"type": "string", "default": "offline"},
        "qos": {"type": "integer", "minimum": 0, "maximum": 2, "default": 1},
        "retain": {"type": "boolean", "default": true}}}
  }
})";

}  // namespace sluice::mqtt
