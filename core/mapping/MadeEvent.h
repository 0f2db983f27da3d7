#pragma once

#include <string>
#include <vector>

#include "event/EventBatch.h"

namespace sluice {

/// An event of a batch, taken apart for people and tests.
struct MadeEvent {
    std::string channel;
    std::string event;  // empty: without a name
    std::string key, data;
    std::string lines;  // "event: NAME\ndata: ...\n", as they are sent
};

/// All events of the batch, in their order.
std::vector<MadeEvent> madeEvents(const EventBatch& batch);

}  // namespace sluice
