#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "StreamInfo.h"

namespace sluice::redis {

/// How far a stream was read.
struct Progress {
    StreamId next;  // everything before it was read, or told as lost
    /// How many entries were ever added before `next`; absent: not known.
    std::optional<std::uint64_t> added;
};

/// What has to be told before reading goes on.
struct Verdict {
    enum class Kind {
        Whole,  // nothing
        Lost,   // what lies between Progress::next and `to` is gone
        Reset   // it is another stream, or an older state of it: it begins anew at `to`
    };
    Kind kind = Kind::Whole;
    StreamId to;
    Progress after;  // when `to` and the entries at hand are dealt with (Reset: when `to` is)
};

/// Compares what was read with what the server says of the stream now. `entries` are the ids that
/// XREAD gave behind `progress` just before `now` was asked for: entries go from the front, so
/// what is still there now was there then. Where the server's counters leave it open whether
/// something is gone, it is.
Verdict judge(const Progress& progress, std::span<const StreamId> entries, const StreamInfo& now);

}  // namespace sluice::redis
