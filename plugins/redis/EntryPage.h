#pragma once

#include <vector>

#include "Entry.h"
#include "Reply.h"
#include "StreamInfo.h"

namespace sluice::redis {

/// The entries of one stream that one read gave; they live in the reply's memory.
struct EntryPage {
    std::vector<Entry> entries;
    std::vector<StreamId> ids;  // of the entries
    bool isCut = false;         // the rest of them was left out of the reply

    /// Takes the items of a reply, as XREAD and XRANGE have them. `mayBeAlone`: nothing else stands
    /// in the reply, and nothing less could have been asked for: an entry that was left out of it
    /// can never be read. False: these are no entries.
    bool take(const Reply& items, bool mayBeAlone);
};

}  // namespace sluice::redis
