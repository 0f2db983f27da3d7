#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Json.h"
#include "mapping/MappingOptions.h"
#include "mapping/Rejection.h"
#include "mapping/WrittenMessage.h"

namespace sluice {

class MappingTable;

/// What an event's data should be.
struct ExpectedData {
    /// Of a structure, and of a number, true, false or null without quotes: compared as JSON, where
    /// the order of keys does not count and 9 is 9.0.
    std::optional<Json> json;
    /// Of anything but a structure: the same byte for byte.
    std::optional<std::string> text;
};

/// One event that should come; what is absent may be anything.
struct ExpectedEvent {
    std::string channel;
    std::optional<std::string> event;  // "message" and "": without a name
    std::optional<std::string> key;
    std::optional<ExpectedData> data;
    /// Where its parts stand: "", "channel", "data", "data.items[0].name".
    std::map<std::string, SourceMark, std::less<>> places;
};

/// One entry of `tests`: a message, and what the mappings should make of it.
struct MessageTest {
    enum class Expects : std::uint8_t { Events, Rejected, Unmatched };

    WrittenMessage given;
    Expects expects = Expects::Events;
    std::vector<ExpectedEvent> events;         // Events; none: the message should be filtered
    Rejection rejection = Rejection::NoValue;  // Rejected
    SourceMark mark;                           // of what is expected
};

/// One thing that came otherwise.
struct TestFailure {
    SourceMark mark;
    std::string message;  // "'channel' is 'b', not 'a'"
};

/// Most failures that one test tells.
inline constexpr std::size_t kTestFailuresMax = 10;

/// Maps the message of a test, and tells what is not as expected; nothing: it passed. Any thread
/// may call.
std::vector<TestFailure> runTest(const std::shared_ptr<const MappingTable>& table,
                                 const MessageTest& test);

}  // namespace sluice
