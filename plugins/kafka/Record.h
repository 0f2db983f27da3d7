#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>

#include <sluice/plugin.hpp>

namespace sluice::kafka {

/// A partition of a topic.
struct Partition {
    std::string topic;
    std::int32_t index = 0;
    auto operator<=>(const Partition&) const = default;
};

/// Those from..to-1 of a topic.
std::vector<Partition> partitionsOf(const std::string& topic, std::int32_t from, std::int32_t to);

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

/// Adds a record as a message of its partition's lane. Lends the record and the topic's name.
/// REQUIRES: message.err is 0.
void addRecord(plugin::Batch& batch, const rd_kafka_message_t& message, std::string_view topic,
               bool withHeaders);

}  // namespace sluice::kafka
