#pragma once

namespace sluice::zeromq {

/// JSON Schema of the options.
inline constexpr const char* kOptionsSchema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "oneOf": [{"required": ["connect"]}, {"required": ["bind"]}],
  "not": {"required": ["topic", "split"]},
  "dependencies": {"heartbeat_timeout": ["heartbeat"]},
  "properties": {
    "connect": {"description": "Endpoints to connect to.", "oneOf": [
      {"$ref": "#/definitions/remote"},
      {"type": "array", "items": {"$ref": "#/definitions/remote"}, "minItems": 1,
        "maxItems": 256, "uniqueItems": true}]},
    "bind": {"description": "Endpoints to listen on; port * takes a free one.", "oneOf": [
      {"$ref": "#/definitions/local"},
      {"type": "array", "items": {"$ref": "#/definitions/local"}, "minItems": 1,
        "maxItems": 256}]},
    "socket": {"enum": ["sub", "pull"], "default": "sub"},
    "topic": {"type": "string", "minLength": 1, "maxLength": 1024,
      "description": "The topic of messages of one frame; the input's name by default with socket: pull."},
    "split": {"type": "string", "minLength": 1,
      "description": "What stands between topic and payload in messages of one frame."},
    "sequence": {"type": "object", "additionalProperties": false, "required": ["frame"],
      "description": "Where the publisher writes the number of a message.",
      "properties": {
        "frame": {"type": "integer", "minimum": 1, "maximum": 15,
          "description": "Counted from 0, which is the topic."},
        "format": {"enum": ["decimal", "u32le", "u32be", "u64le", "u64be"], "default": "decimal"},
        "per": {"enum": ["topic", "input"], "default": "topic",
          "description": "Whether each topic is numbered on its own."}}},
    "curve": {"type": "object", "additionalProperties": false, "minProperties": 1,
      "description": "CURVE keys; the side that binds is the server.",
      "properties": {
        "server_key": {"$ref": "#/definitions/key"},
        "public_key": {"$ref": "#/definitions/key"},
        "secret_key": {"$ref": "#/definitions/key", "writeOnly": true},
        "clients": {"description": "With bind: public keys that may connect.", "oneOf": [
          {"$ref": "#/definitions/key"},
          {"type": "array", "items": {"$ref": "#/definitions/key"}, "minItems": 1,
            "maxItems": 10000}]}}},
    "high_water_mark": {"type": "integer", "minimum": 1, "maximum": 10000000, "default": 10000,
      "description": "Messages that may wait in libzmq, for each connection."},
    "max_message": {"type": "string", "default": "16MiB",
      "description": "A longer frame ends the connection; 1KiB to 1GiB."},
    "heartbeat": {"type": "string", "default": "0s",
      "description": "Asks a silent peer for a sign of life so often; 0s: never."},
    "heartbeat_timeout": {"type": "string",
      "description": "A peer that is silent for so long is gone; 3 x heartbeat by default."}
  },
  "definitions": {
    "remote": {"type": "string", "pattern": "^(tcp://[^ ]+:[0-9]{1,5}|ipc://[^ ]{1,107})$"},
    "local": {"type": "string", "pattern": "^(tcp://[^ ]+:([0-9]{1,5}|[*])|ipc://[^ ]{1,107})$"},
    "key": {"type": "string", "minLength": 40, "maxLength": 40}
  }
})";

}  // namespace sluice::zeromq
