#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <sluice/plugin.hpp>

#include "Options.h"
#include "OptionsSchema.h"
#include "TopicPlan.h"

namespace sluice::redis {

/// The plugin: what the option `streams` names is read as Redis Streams, everything else by
/// pub/sub. Called on the host's control thread.
class RedisInput {
  public:
    static constexpr plugin::Description kPlugin{
        .name = "redis",
        .version = "0.1.0",
        .optionsSchema = kOptionsSchema,
        .replayable = true,
        .separator = ':',
    };

    explicit RedisInput(plugin::Host& host);
    ~RedisInput();
    RedisInput(const RedisInput&) = delete;
    RedisInput& operator=(const RedisInput&) = delete;

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
    TopicPlan plan_;
    std::unique_ptr<Session> session_;  // between start and stop
};

}  // namespace sluice::redis
