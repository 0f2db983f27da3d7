#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "channel/ChannelGuard.h"
#include "delivery/Admission.h"
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
        NotYours,          // somebody else has it
        NotAllowed,        // the new token may not read the first of `channels`
        NoRoom             // a bound of the node is reached
    };
    State state = State::Gone;
    std::vector<std::string> channels;
};

/// Who asks for a change.
struct ChangeAuthority {
    ChannelGuardPtr guard;  // what he may read
    /// Of the same source and subject as that of the stream, or it is not his.
    std::unique_ptr<AdmissionState> admission;
    /// Whether it takes the place of the stream's, whose channels the guard then has to allow; else
    /// the stream ends with the first of the two that ends.
    bool renews = false;
};

/// Channels to be added to a living stream and taken from it (resume.md section 8).
struct StreamChange {
    StreamNumber stream;
    std::vector<std::string> add, remove;  // names and patterns
    std::size_t channelsMax = 64;
    bool addedAllowFilters = true;
    std::unique_ptr<ChangeAuthority> authority;  // null: anybody may
    /// Called once, on the loop's thread, when the change is in force or refused; must not throw.
    std::function<void(const ChangeOutcome&)> answer;
};

}  // namespace sluice
