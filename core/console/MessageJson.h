#pragma once

#include <string>

#include "base/Json.h"
#include "mapping/WrittenMessage.h"

namespace sluice {

/// A message as the console sees it, with the names of a recording: `{"input", "topic",
/// "partition", "offset", "key", "payload" or "tombstone": true, "timeMs", "headers": [[name,
/// value]], "variables": [[name, value]]}`. What is not UTF-8 stands as base64, as `keyBase64` and
/// `payloadBase64`; members without a value are left out.
Json messageJson(const WrittenMessage& message);

/// What is wrong with the JSON of a message: the member, and what to write.
struct MessageJsonError {
    std::string field, message, hint;
};
/// Reads what messageJson writes, but no base64; a payload that is no string counts as its JSON
/// text, `timeMs` may be `time` in RFC 3339, and headers and variables may be objects. False, and
/// the error, where it is no message.
bool readMessageJson(const Json& json, WrittenMessage& message, MessageJsonError& error);

}  // namespace sluice
