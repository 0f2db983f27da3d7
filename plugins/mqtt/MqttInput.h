#pragma once

#include <memory>
#include <span>

#include <sluice/plugin.hpp>

#include "FilterSet.h"
#include "Options.h"
#include "OptionsSchema.h"
#include "Session.h"

namespace sluice::mqtt {

/// The plugin: subscribes at one broker to what the patterns take. Its messages have no positions.
/// Called on the host's control thread.
class MqttInput {
  public:
    static constexpr plugin::Description kPlugin{
        .name = "mqtt",
        .version = "0.1.0",
        .optionsSchema = kOptionsSchema,
        .replayable = false,
        .separator = '/',
    };

    explicit MqttInput(plugin::Host& host) : host_(host), options_(readOptions(host)) {}

    static void check(plugin::Host& host) { readOptions(host); }
    void watch(std::span<const plugin::Pattern> patterns);
    void start(std::span<const sluice_start_position> positions, plugin::milliseconds rewind);
    void stop(plugin::milliseconds deadline);

  private:
    const plugin::Host& host_;
    const Options options_;
    FilterSet filters_;
    std::unique_ptr<Session> session_;  // between start and stop
};

}  // namespace sluice::mqtt
