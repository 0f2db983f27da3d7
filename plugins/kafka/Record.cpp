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

}  // namespace

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

}  // namespace sluice::kafka
