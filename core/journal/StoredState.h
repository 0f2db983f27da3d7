#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "channel/Journal.h"
#include "event/EventId.h"

namespace sluice {

/// The one row that says where the journal stands. A value.
struct StoredState {
    Epoch epoch{};
    std::uint64_t reserved = 0;  // no seq above it was ever given
    std::uint64_t position = 0;  // of the ring: what lies below is on disk
    bool isClean = false;        // nothing came after it
    std::string policies;        // which channels are kept
    HubMemory memory;

    std::string blob() const;
    /// Throws BadBytes.
    static StoredState read(std::string_view blob);
};

}  // namespace sluice
