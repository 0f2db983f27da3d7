#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>

namespace sluice::kafka {

/// Owners of librdkafka's objects. A list, message or queue that outlives its client makes
/// rd_kafka_destroy() hang for ever, so none of them is ever held bare.
template <auto kDestroy>
struct Destroy {
    template <class T>
    void operator()(T* object) const {
        kDestroy(object);
    }
};

/// Nothing is committed and there is no group to leave: closing would only wait.
inline void destroyClient(rd_kafka_t* client) {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using ClientPtr = std::unique_ptr<rd_kafka_t, Destroy<destroyClient>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using PartitionListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                         Destroy<rd_kafka_topic_partition_list_destroy>>;

}  // namespace sluice::kafka
