#pragma once

#include <cstdint>
#include <string>

#include <librdkafka/rdkafka.h>

namespace sluice::kafka {

/// A partition of a topic.
struct Partition {
    std::string topic;
    std::int32_t index = 0;
    auto operator<=>(const Partition&) const = default;
};

/// By what a record is known again: a topic that was deleted and made anew has other records at
/// the same offsets, and librdkafka 2.0.2 says nothing about it.
struct RecordMark {
    std::int64_t offset = -1;  // -1: none
    std::int64_t timeMs = 0;
    std::uint64_t hash = 0;
    bool operator==(const RecordMark&) const = default;
};

/// REQUIRES: message.err is 0.
RecordMark markOf(const rd_kafka_message_t& message);

}  // namespace sluice::kafka
