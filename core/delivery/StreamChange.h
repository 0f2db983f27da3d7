#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "delivery/StreamNumbers.h"

namespace sluice {

/// What became of a change of a stream's channels.
struct ChangeOutcome {
    enum class State {
        Done,              // `channels` are in force; ids written from now on cover them
        Gone,              // the stream has ended
        Behind,            // it did not catch up in time; nothing was changed
        TooMany,           // it would have more than channelsMax
        None,              // it would have no channel
        FilterNotAllowed,  // it has a filter, which an added channel does not allow
        NoRoom             // a bound of the node is reached
    };
    State state = State::Gone;
    std::vector<std::string> channels;
};

/// Channels to be added to a living stream and taken from it (resume.md section 8).
struct StreamChange {
    StreamNumber stream;
    std::vector<std::string> add, remove;  // names and patterns
    std::size_t channelsMax = 64;
    bool addedAllowFilters = true;
    /// Called once, on the loop's thread, when the change is in force or refused; must not throw.
    std::function<void(const ChangeOutcome&)> answer;
};

}  // namespace sluice
