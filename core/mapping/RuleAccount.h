#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapping/MadeEvent.h"
#include "mapping/MapOutcome.h"
#include "mapping/MappingTable.h"

namespace sluice {

/// Why an expression gave what it gave. Values are CEL texts, shortened, where there is none
/// "missing", or "an error: ...".
struct Reasoning {
    struct Part {
        std::string text;  // as it stands in the expression
        std::string value;
        std::vector<std::pair<std::string, std::string>> variables;  // it was computed from
    };
    std::string value;
    bool isError = false;
    std::vector<Part> deciding;  // the smallest parts that made it so
    std::vector<Part> absorbed;  // had no value, and it did not matter
};

/// What one rule made of one message, for people.
struct RuleAccount {
    enum class Fate : std::uint8_t {
        Mapped,
        Filtered,
        Passed,   // it failed, and on_error lets the payload pass
        Rejected  // it failed
    };
    const CompiledRule* rule = nullptr;  // lives as long as its table
    Fate fate = Fate::Filtered;
    std::vector<std::pair<std::string, std::string>> captures;  // of `from`
    std::optional<Reasoning> when;     // absent: it has none, or it did not come to that
    std::optional<Rejection> reason;   // why it failed
    std::string why;                   // the same for people: "channel: payload.id has no value"
    std::uint64_t leftOut = 0;         // fields of the `data` of an event
    std::string firstLeftOut;          // why the first of them was
    std::vector<MadeEvent> events;     // at most one: the event, or the dead letter
    std::optional<DeadLetter> letter;  // for a file
};

}  // namespace sluice
