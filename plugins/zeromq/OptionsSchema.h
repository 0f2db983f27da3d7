#pragma once

namespace sluice::zeromq {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "oneOf": [{"required": ["connect"]}, {"required": ["bind"]}],
  "not": {"required": ["topic", "split"]},
  "dependencies": {"heartbeat_timeout": ["heartbeat"]},
  "properties": {
    "connect": {"type": ["string", "array"], "pattern": "^tcp://.+:[0-9]+$|^ipc://.",
      "items": {"type": "string", "pattern": "^tcp://.+:[0-9]+$|^ipc://."},
      "minItems": 1, "maxItems": 256, "uniqueItems": true,
      "description": "endpoints to connect to, such as tcp://publisher:5556"},
    "bind": {"type": ["string", "array"], "pattern": "^tcp://.+:([0-9]+|[*])$|^ipc://.",
      "items": {"type": "string", "pattern": "^tcp://.+:([0-9]+|[*])$|^ipc://."},
      "minItems": 1, "maxItems": 256,
      "description": "endpoints to listen at, such as tcp://*:5556; port * is a free one"},
    "socket": {"enum": ["sub", "pull"], "default": "sub"},
    "topic": {"type": "string", "minLength": 1, "maxLength": 1024,
      "description": "of messages of one frame; the input's name by default with socket: pull"},
    "split": {"type": "string", "minLength": 1,
      "description": "what stands between topic and payload in messages of one frame"},
    "sequence": {"type": "object", "additionalProperties": false, "required": ["frame"],
      "description": "where the publisher writes the number of a message",
      "properties": {
        "frame": {"type": "integer", "minimum": 1, "maximum": 15,
          "description": "counted from 0, which is the topic"},
        "format": {"enum": ["decimal", "u32le", "u32be", "u64le", "u64be"], "default": "decimal"},
        "per": {"enum": ["topic", "input"], "default": "topic",
          "description": "whether each topic is numbered on its own"}}},
    "curve": {"type": "object", "additionalProperties": false, "minProperties": 1,
      "description": "CURVE keys, 40 characters of Z85 each; the side that binds is the server",
      "properties": {
        "server_key": {"type": "string", "pattern": "^.{40}$",
          "description": "with connect: the public key of the other side"},
        "public_key": {"type": "string", "pattern": "^.{40}$"},
        "secret_key": {"type": "string", "pattern": "^.{40}$", "writeOnly": true},
        "clients": {"type": ["string", "array"], "pattern": "^.{40}$",
          "items": {"type": "string", "pattern": "^.{40}$"},
          "minItems": 1, "maxItems": 10000,
          "description": "with bind: public keys of those who may connect"}}},
    "high_water_mark": {"type": "integer", "minimum": 1, "maximum": 10000000, "default": 10000,
      "description": "messages that may wait in libzmq, for each connection"},
    "max_message": {"type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$", "default": "16MiB",
      "description": "a longer frame ends the connection; 1KiB to 1GiB"},
    "heartbeat": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$", "default": "0s",
      "description": "asks a silent peer for a sign of life so often, 100ms to 1h; 0s: never"},
    "heartbeat_timeout": {"type": "string", "pattern": "^[0-9]+(ms|s|min|h|d)$",
      "description": "a peer that is silent for so long is gone; 3 x heartbeat by default"}
  }
})json";

}  // namespace sluice::zeromq
