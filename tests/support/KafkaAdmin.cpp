#include "support/KafkaAdmin.h"

#include <array>
#include <stdexcept>

namespace sluice::test {
namespace {

void must(rd_kafka_resp_err_t error, const std::string& what) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

void must(rd_kafka_error_t* error, const std::string& what) {
    if (error == nullptr) return;
    const std::string text = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw std::runtime_error(what + ": " + text);
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    std::array<char, 256> words{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), words.data(), words.size()) !=
        RD_KAFKA_CONF_OK)
        throw std::runtime_error(words.data());
}

void onDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* failed) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++*static_cast<int*>(failed);
}

/// The error of an admin answer, of itself or of its only element.
std::string errorOf(rd_kafka_event_t* event) {
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return rd_kafka_event_error_string(event);
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results = nullptr;
    if (const auto* created = rd_kafka_event_CreateTopics_result(event))
        results = rd_kafka_CreateTopics_result_topics(created, &count);
    else if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event))
        results = rd_kafka_DeleteTopics_result_topics(deleted, &count);
    else if (const auto* grown = rd_kafka_event_CreatePartitions_result(event))
        results = rd_kafka_CreatePartitions_result_topics(grown, &count);
    for (std::size_t i = 0; i < count; ++i)
        if (const auto error = rd_kafka_topic_result_error(results[i]);
            error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return rd_kafka_err2str(error);
    return {};
}

}  // namespace

KafkaAdmin::KafkaAdmin(const std::string& bootstrap, const std::string& transactionalId) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", bootstrap);
    set(conf, "linger.ms", "0");
    set(conf, "enable.idempotence", "true");
    // A new partition may refuse the first batch and take the second, whose producer it does not
    // know: librdkafka then counts the first as delivered, and its records are gone. One at a time.
    set(conf, "max.in.flight.requests.per.connection", "1");
    set(conf, "reconnect.backoff.max.ms", "200");
    set(conf, "log_level", "2");
    if (!transactionalId.empty()) set(conf, "transactional.id", transactionalId);
    rd_kafka_conf_set_opaque(conf, &failedDeliveries_);
    rd_kafka_conf_set_dr_msg_cb(conf, onDelivery);
    std::array<char, 256> words{};
    handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, words.data(), words.size()));
    if (!handle_) throw std::runtime_error(words.data());
    queue_.reset(rd_kafka_queue_new(handle_.get()));
    if (!transactionalId.empty())
        must(rd_kafka_init_transactions(handle_.get(), kCallMs), "init_transactions");
}

KafkaAdmin::~KafkaAdmin() {
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

template <class Call>
void KafkaAdmin::ask(Call&& call) {
    call(handle_.get(), queue_.get());
    rd_kafka_event_t* const event = rd_kafka_queue_poll(queue_.get(), kCallMs);
    const std::string error = event == nullptr ? "no answer" : errorOf(event);
    if (event != nullptr) rd_kafka_event_destroy(event);
    if (!error.empty()) throw std::runtime_error("admin request: " + error);
}

void KafkaAdmin::createTopic(const std::string& topic, int partitions,
                             const std::map<std::string, std::string>& config) {
    rd_kafka_NewTopic_t* made = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, nullptr, 0);
    for (const auto& [name, value] : config)
        rd_kafka_NewTopic_set_config(made, name.c_str(), value.c_str());
    ask([&](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_CreateTopics(handle, &made, 1, nullptr, queue);
        rd_kafka_NewTopic_destroy(made);
    });
}

void KafkaAdmin::createTopics(const std::vector<std::string>& topics) {
    std::vector<rd_kafka_NewTopic_t*> made;
    for (const std::string& topic : topics)
        made.push_back(rd_kafka_NewTopic_new(topic.c_str(), 1, 1, nullptr, 0));
    ask([&](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_CreateTopics(handle, made.data(), made.size(), nullptr, queue);
        rd_kafka_NewTopic_destroy_array(made.data(), made.size());
    });
}

void KafkaAdmin::deleteTopic(const std::string& topic) {
    rd_kafka_DeleteTopic_t* deleted = rd_kafka_DeleteTopic_new(topic.c_str());
    ask([&](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopics(handle, &deleted, 1, nullptr, queue);
        rd_kafka_DeleteTopic_destroy(deleted);
    });
}

void KafkaAdmin::addPartitions(const std::string& topic, std::size_t total) {
    std::array<char, 256> words{};
    rd_kafka_NewPartitions_t* added =
        rd_kafka_NewPartitions_new(topic.c_str(), total, words.data(), words.size());
    if (added == nullptr) throw std::runtime_error(words.data());
    ask([&](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_CreatePartitions(handle, &added, 1, nullptr, queue);
        rd_kafka_NewPartitions_destroy(added);
    });
}

void KafkaAdmin::deleteRecords(const std::string& topic, std::int32_t partition,
                               std::int64_t before) {
    rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = before;
    rd_kafka_DeleteRecords_t* deleted = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    ask([&](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteRecords(handle, &deleted, 1, nullptr, queue);
        rd_kafka_DeleteRecords_destroy(deleted);
    });
}

/// A handle that is older than the topic waits a second for its first acknowledgement, unless the
/// metadata is asked for.
void KafkaAdmin::learn(const std::string& topic) {
    const std::unique_ptr<rd_kafka_topic_t, Destroy> known(
        rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr));
    const rd_kafka_metadata_t* metadata = nullptr;
    must(rd_kafka_metadata(handle_.get(), 0, known.get(), &metadata, kCallMs), "metadata");
    rd_kafka_metadata_destroy(metadata);
}

void KafkaAdmin::produce(const std::string& topic, const std::vector<KafkaRecord>& records) {
    learn(topic);
    failedDeliveries_ = 0;
    for (const KafkaRecord& record : records) enqueue(topic, record);
    finish();
}

void KafkaAdmin::finish() {
    must(rd_kafka_flush(handle_.get(), kCallMs), "flush");
    if (failedDeliveries_ > 0) throw std::runtime_error("records were not acknowledged");
}

void KafkaAdmin::enqueue(const std::string& topic, const KafkaRecord& record) {
    rd_kafka_headers_t* const headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers)
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                            value ? value->data() : nullptr,
                            value ? static_cast<ssize_t>(value->size()) : 0);
    // The macros of producev() hold casts of C's.
    std::array<rd_kafka_vu_t, 8> fields{};
    std::size_t count = 0;
    const auto next = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
        fields[count].vtype = type;
        return fields[count++];
    };
    next(RD_KAFKA_VTYPE_TOPIC).u.cstr = topic.c_str();
    next(RD_KAFKA_VTYPE_PARTITION).u.i32 = record.partition;
    next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK;
    next(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = record.timeMs;
    next(RD_KAFKA_VTYPE_HEADERS).u.headers = headers;
    if (record.key) {
        auto& key = next(RD_KAFKA_VTYPE_KEY);
        key.u.mem.ptr = const_cast<char*>(record.key->data());
        key.u.mem.size = record.key->size();
    }
    if (record.value) {
        auto& value = next(RD_KAFKA_VTYPE_VALUE);
        value.u.mem.ptr = const_cast<char*>(record.value->data());
        value.u.mem.size = record.value->size();
    }
    must(rd_kafka_produceva(handle_.get(), fields.data(), count), "produce");
}

void KafkaAdmin::produceNumbered(const std::string& topic, std::int32_t partition,
                                 const std::string& prefix, int first, int count) {
    std::vector<KafkaRecord> records;
    for (int i = first; i < first + count; ++i)
        records.push_back({.key = std::to_string(i),
                           .value = prefix + std::to_string(i),
                           .partition = partition,
                           .timeMs = 0,
                           .headers = {}});
    produce(topic, records);
}

int KafkaAdmin::groups() {
    const rd_kafka_group_list* groups = nullptr;
    must(rd_kafka_list_groups(handle_.get(), nullptr, &groups, kCallMs), "list of groups");
    const int count = groups->group_cnt;
    rd_kafka_group_list_destroy(groups);
    return count;
}

void KafkaAdmin::beginTransaction() {
    must(rd_kafka_begin_transaction(handle_.get()), "begin");
}

void KafkaAdmin::endTransaction(bool commits) {
    must(commits ? rd_kafka_commit_transaction(handle_.get(), kCallMs)
                 : rd_kafka_abort_transaction(handle_.get(), kCallMs),
         "end of transaction");
}

}  // namespace sluice::test
