#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <sluice/plugin.hpp>

#include "Options.h"
#include "OptionsSchema.h"
#include "TopicFilter.h"

namespace sluice::kafka {

/// The plugin: reads every partition of the topics that the patterns take, belongs to no group and
/// commits nothing, so that every node reads everything. Called on the host's control thread.
class KafkaInput {
  public:
    static constexpr plugin::Description kPlugin{
        .name = "kafka",
        .version = "0.1.0",
        .optionsSchema = kOptionsSchema,
        .replayable = true,
        .separator = '.',
    };

    explicit KafkaInput(plugin::Host& host);
    ~KafkaInput();
    KafkaInput(const KafkaInput&) = delete;
    KafkaInput& operator=(const KafkaInput&) = delete;

    static void check(plugin::Host& host);
    void watch(std::span<const plugin::Pattern> patterns);
    void start(std::span<const sluice_start_position> positions, plugin::milliseconds rewind);
    void stop(plugin::milliseconds deadline);
    void query(std::span<const sluice_text> families);
    bool replay(const sluice_replay_request& request);
    void cancel(std::uint64_t replayId);
    void seek(std::uint64_t question, std::int64_t timeMs, std::span<const sluice_text> families);

  private:
    class Session;

    const plugin::Host& host_;
    const Options options_;
    TopicFilter filter_;
    bool needsHeaders_ = false;
    std::unique_ptr<Session> session_;  // between start and stop
};

}  // namespace sluice::kafka
