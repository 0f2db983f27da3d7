#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "event/EventBatch.h"
#include "input/CText.h"
#include "input/Intake.h"
#include "mapping/Mapper.h"

/// What the sources of Intake share.
namespace sluice {

inline Position positionOf(const sluice_position& position) {
    return {position.first, position.second};
}

/// The message at an index, by the size that its writer knows.
inline const sluice_message& messageAt(const sluice_message* messages, std::size_t index) {
    const auto* bytes = reinterpret_cast<const std::byte*>(messages);
    return *reinterpret_cast<const sluice_message*>(bytes + index * messages->size);
}

inline bool has(const sluice_message& message, std::uint32_t flag) {
    return (message.flags & flag) != 0;
}

/// What a pushing thread keeps between its pushes.
struct Intake::Scratch {
    const Message& converted(const sluice_message& given, std::size_t i);
    void begin(const Intake& intake, const std::shared_ptr<const MappingTable>& table);
    /// Copies of payloads that are held so far.
    std::size_t made() const { return batch.eventCount() + outcome.letters.size(); }

    Message message;  // that was converted last
    std::shared_ptr<const LaneBook> book;
    std::vector<const FamilyLanes*> families;  // by message; null: plain
    std::vector<LaneState*> lanes;             // by message; null: plain
    std::vector<Message::Header> headers;
    std::vector<Message::Variable> variables;
    std::optional<Mapper> mapper;
    const Intake* owner = nullptr;  // whose topics the mapper remembers
    EventBatch batch;
    MapOutcome outcome;
};

}  // namespace sluice
