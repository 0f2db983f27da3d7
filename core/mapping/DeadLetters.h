#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapping/MappingTable.h"
#include "mapping/Message.h"
#include "mapping/Rejection.h"

namespace sluice {

/// A message that a rule failed on, as one JSON object: `{"reason", "text", "mapping", "input",
/// "topic", "partition", "offset", "key", "time", "payload"}`; what the message does not have is
/// left out. `payload` may have hidden parts as null. The payload stands as a text, or as base64
/// in "payloadBase64" where it is not UTF-8; where it must not be shown (nothing) there is only
/// its length, in "payloadBytes". That of a tombstone is null.
std::string deadLetter(const Message& message, const CompiledRule& rule, const Failure& failure,
                       std::optional<std::string_view> payload);

}  // namespace sluice
