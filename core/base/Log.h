#pragma once

#include <string>
#include <string_view>

/// Logging through Poco::Logger: one line to stderr per change of state, never one per message.
/// Any thread may call; a line is written whole. On a terminal a line is text, elsewhere one JSON
/// object (`{"time","level","area","message"}`), escaped.
namespace sluice::log {

enum class Level { Debug, Info, Warning, Error };
enum class Format { Auto, Text, Json };

/// Call once, before the first line; without it lines of Info and above go out as text.
void start(Level least, Format format);

/// `area` is the part that speaks, such as "input orders" or "http". Passwords in URLs are covered.
void write(Level level, std::string_view area, std::string_view message);

inline void debug(std::string_view area, std::string_view message) {
    write(Level::Debug, area, message);
}
inline void info(std::string_view area, std::string_view message) {
    write(Level::Info, area, message);
}
inline void warning(std::string_view area, std::string_view message) {
    write(Level::Warning, area, message);
}
inline void error(std::string_view area, std::string_view message) {
    write(Level::Error, area, message);
}

/// As `write`, but lines with an equal `key` come at most once a minute; the next one that is
/// written says how many were suppressed. The table of keys is bounded (kKeysMax, oldest goes).
void limited(Level level, std::string_view area, std::string_view key, std::string_view message);
inline constexpr std::size_t kKeysMax = 1'000;

}  // namespace sluice::log
