#include "Record.h"

#include <algorithm>
#include <string_view>

namespace sluice::kafka {
namespace {

constexpr std::size_t kHashedBytesMax = 1024;  // of a payload, which may be long

/// FNV-1a, 64 bits.
class Hash {
  public:
    void add(const void* data, std::size_t size) {
        const std::string_view bytes(static_cast<const char*>(data), data == nullptr ? 0 : size);
        for (const char c : bytes) {
            state_ ^= static_cast<unsigned char>(c);
            state_ *= 0x100000001b3;
        }
    }
    std::uint64_t value() const { return state_; }

  private:
    std::uint64_t state_ = 0xcbf29ce484222325;
};

void addHeaders(const rd_kafka_headers_t& headers, plugin::Batch::Message& message) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(&headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        if (value == nullptr)
            message.header(name, std::nullopt);
        else
            message.header(name, std::string_view(static_cast<const char*>(value), size));
    }
}

}  // namespace

std::vector<Partition> partitionsOf(const std::string& topic, std::int32_t from, std::int32_t to) {
    std::vector<Partition> partitions;
    for (std::int32_t i = from; i < to; ++i) partitions.push_back({topic, i});
    return partitions;
}

RecordMark markOf(const rd_kafka_message_t& message) {
    Hash hash;
    const std::uint64_t shape[] = {message.key_len, message.len, message.key == nullptr,
                                   message.payload == nullptr};
    hash.add(shape, sizeof shape);
    hash.add(message.key, message.key_len);
    hash.add(message.payload, std::min(message.len, kHashedBytesMax));
    rd_kafka_timestamp_type_t type{};
    return {message.offset, rd_kafka_message_timestamp(&message, &type), hash.value()};
}

void addRecord(plugin::Batch& batch, const rd_kafka_message_t& message, std::string_view topic,
               bool withHeaders) {
    auto added = batch.add(topic);
    added.lane(topic, static_cast<std::uint32_t>(message.partition),
               static_cast<std::uint64_t>(message.offset));
    if (message.key != nullptr) added.key({static_cast<const char*>(message.key), message.key_len});
    if (message.payload != nullptr)
        added.payload({static_cast<const char*>(message.payload), message.len});
    else
        added.tombstone();
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t timeMs = rd_kafka_message_timestamp(&message, &type);
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) added.timeMs(timeMs);
    rd_kafka_headers_t* headers = nullptr;
    if (withHeaders && rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        addHeaders(*headers, added);
}

}  // namespace sluice::kafka
