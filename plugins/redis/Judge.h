#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "StreamInfo.h"

namespace sluice::redis {

/// How far a stream was read.
struct Progress {
    StreamId next;  // everything before it was read, or told as lost
    /// How many entries were ever added before `next`, or fewer; absent: not known.
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

/// Compares what was read with what the server says of the stream. `entries` are the ids of what
/// the stream has from `progress` on, or the first of them, at the moment of `now`. Where the
/// server's counters leave it open whether something is gone, it is.
Verdict judge(const Progress& progress, std::span<const StreamId> entries, const StreamInfo& now);

}  // namespace sluice::redis
