#include <charconv>

#include "base/Assert.h"
#include "base/JsonText.h"
#include "event/Block.h"
#include "event/EventBatch.h"

namespace sluice {
namespace {

constexpr std::string_view kDataField = "data: ";

/// The name in "event: NAME\n"; browsers call an event without one "message".
std::string_view nameOf(std::string_view eventLine) {
    constexpr std::string_view kEventField = "event: ";
    if (eventLine.empty()) return "message";
    SLUICE_ASSERT(eventLine.starts_with(kEventField) && eventLine.ends_with('\n'));
    return eventLine.substr(kEventField.size(), eventLine.size() - kEventField.size() - 1);
}

void appendNumber(std::string& out, std::int64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

}  // namespace

std::string envelope(std::string_view channel, std::string_view eventLine, std::string_view key,
                     std::int64_t timeMs, std::string_view dataLines) {
    SLUICE_ASSERT(dataLines.starts_with(kDataField) && dataLines.ends_with('\n'));
    std::string lines;
    lines.reserve(eventLine.size() + channel.size() + key.size() + dataLines.size() + 128);
    lines.append(eventLine).append(kDataField).append("{\"channel\":");
    appendJsonString(lines, channel);
    lines += ",\"event\":";
    appendJsonString(lines, nameOf(eventLine));
    lines += ",\"key\":";
    appendJsonString(lines, key);
    lines += ",\"time\":";
    appendNumber(lines, timeMs);
    const std::string data = dataOf(dataLines);
    if (isJson(data)) {
        // Its line breaks are white space between tokens, so its lines may stay as they are.
        dataLines.remove_prefix(kDataField.size());
        dataLines.remove_suffix(1);
        lines.append(",\"data\":").append(dataLines);
    } else {
        lines += ",\"text\":";
        appendJsonString(lines, data);
    }
    lines += "}\n";
    return lines;
}

}  // namespace sluice
