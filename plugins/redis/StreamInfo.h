#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <sluice/plugin.hpp>

#include "Reply.h"

namespace sluice::redis {

/// The id of a stream's entry: milliseconds and a sequence number. It is a position of two words.
struct StreamId {
    std::uint64_t ms = 0, seq = 0;

    /// "1526919030474-55".
    static std::optional<StreamId> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const StreamId&) const = default;

    /// The next id that there can be; of the last one, itself.
    StreamId next() const;
    /// The one before: XREAD wants the id behind which it begins. REQUIRES: it is not 0-0.
    StreamId before() const;
    /// The text behind which XREAD begins, so that it gives what stands from this id on.
    std::string readBehind() const;
    sluice_position position() const { return {ms, seq}; }
};

/// Ids below are no times: somebody counts (September 2001).
inline constexpr std::uint64_t kTimeLeastMs = 1'000'000'000'000;

/// What XINFO STREAM says.
struct StreamInfo {
    std::uint64_t length = 0;
    std::uint64_t added = 0;  // entries ever added, or kUncounted
    StreamId last;            // the last id that was given out, whether or not it is still there
    std::optional<StreamId> first;  // of the entries that are there
    StreamId maxDeleted;            // the highest id that XDEL took; XTRIM does not count here

    /// Redis below 7 does not count what was added.
    static constexpr std::uint64_t kUncounted = std::numeric_limits<std::uint64_t>::max();

    static std::optional<StreamInfo> parse(const Reply& reply);

    /// Position behind all that was ever added.
    StreamId end() const { return last.next(); }
    /// The first position from which on everything is still there.
    StreamId low() const;
    /// How many were ever added before the first that is there; too many, if some behind it were
    /// deleted (hasHoles).
    std::uint64_t addedBeforeFirst() const { return added - length; }
    /// The first id that there can be from that time on, of what is there. Absent: ids are no
    /// times.
    std::optional<StreamId> placeAt(std::int64_t timeMs) const;
    bool hasHoles() const { return first && maxDeleted >= *first; }
};

}  // namespace sluice::redis
