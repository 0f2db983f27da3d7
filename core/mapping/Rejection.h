#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "expression/Value.h"

namespace sluice {

/// Why a message, or one of its events, did not become lines.
enum class Rejection : std::uint8_t {
    NoValue,     // something that a rule needs is missing
    BadValue,    // an expression could not be evaluated for another reason
    NotJson,     // a rule looks inside a payload that is none
    NotUtf8,     // what is no UTF-8 cannot be sent as an event
    BadChannel,  // no channel can have such a name
    BadEvent,    // no event can have such a name
    TooLarge     // the payload, or what was made of it
};
inline constexpr std::size_t kRejections = 7;
/// As metrics and logs say it: "no-value", "bad-value", "not-json", "not-utf8", "bad-channel",
/// "bad-event", "too-large".
std::string_view nameOf(Rejection reason);

/// Why a rule failed on a message. Views live until the next message.
struct Failure {
    Rejection reason = Rejection::NoValue;
    std::string_view field;   // of the rule: "when", "channel", "data"; empty: the message itself
    std::string_view value;   // what it is about: a name that cannot be, an expression
    std::string_view detail;  // what the expression or the payload says; may be empty

    /// For people: "when: payload.amount has no value".
    std::string text() const;
};

/// What an error of an expression means for the event. REQUIRES: value.isError().
Failure failureOf(const cel::Value& value, std::string_view field, std::string_view expression);

}  // namespace sluice
