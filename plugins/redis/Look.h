#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "Connection.h"
#include "Fault.h"
#include "StreamInfo.h"

namespace sluice::redis {

/// What the server says of a key that should be a stream.
struct Look {
    enum class Place {
        Here,
        Missing,    // there is no such key
        WrongType,  // it is something else
        Refused     // we may not know
    };
    Place place = Place::Missing;
    StreamInfo info;  // Here
    Fault fault;      // WrongType, Refused
};

/// Asks for all keys at once; the answers stand in their order. Throws Failure where the server
/// cannot answer at all (loading, say).
std::vector<Look> lookAt(Connection& connection, std::span<const std::string> keys,
                         const Options& options);

/// The position behind the last entry before `id`; 0-0 where there is none. Absent: we may not
/// know. Throws Failure. REQUIRES: id is not 0-0.
std::optional<StreamId> behindLastBefore(StreamId id, const std::string& key,
                                         Connection& connection, const Options& options);

/// Milliseconds since the Unix epoch by the clock that makes the ids. Throws Failure.
std::int64_t serverTimeMs(Connection& connection, const Options& options);

}  // namespace sluice::redis
