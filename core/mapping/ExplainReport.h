#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/Json.h"
#include "mapping/RuleAccount.h"
#include "mapping/WrittenMessage.h"

namespace sluice {

/// What mappings make of one message, for people and for programs.
struct ExplainReport {
    WrittenMessage message;
    std::string fate;                   // as metrics count it: "mapped", "rejected{no-value}", ...
    std::vector<RuleAccount> accounts;  // of the mappings that take the topic
    std::size_t others = 0;             // mappings of the input that do not
    std::string nearest;                // where none does: which is most like it

    std::string text() const;
    Json json() const;
};

/// Maps the message as a node would.
ExplainReport explained(const std::shared_ptr<const MappingTable>& table, WrittenMessage message);

}  // namespace sluice
