#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "expression/Arena.h"
#include "expression/Value.h"

/// JSON (RFC 8259) and CEL texts of values. Any thread may call.
namespace sluice::cel {

/// Longest text of one value in bytes: small values can hold each other many times over.
inline constexpr std::size_t kValueTextBytesMax = 16u << 20;

/// Appends the value as JSON, always valid: a value that came out of JSON as its text, byte for
/// byte; NaN and infinities as null; bytes as base64; timestamps by RFC 3339; durations like
/// "1.5s"; a type as its name; keys of maps as strings. False, and nothing appended, for an error
/// and beyond the bound.
bool appendJson(std::string& out, const Value& value);

/// Appends the value as CEL: 1u, b'\x00', timestamp('2009-02-13T23:31:30Z'). As appendJson
/// otherwise; NaN is double('NaN').
bool appendCel(std::string& out, const Value& value);

/// Shortest text that reads back as the same number: "1.5", "3", "NaN", "-Infinity".
std::string doubleText(double number);

/// The value of a JSON text, with its text. Whole numbers are Int, where they do not fit Uint,
/// else Double; of keys that stand twice the last counts. An error of Failure::BadValue with the
/// offset for what is no JSON in UTF-8, of Failure::Limit where the arena has no room. The value
/// points into `text` and the arena.
Value parseJson(std::string_view text, Arena& arena);
/// The same of a text that is known to be UTF-8. REQUIRES: isUtf8(text).
Value parseJsonInUtf8(std::string_view text, Arena& arena);

}  // namespace sluice::cel
