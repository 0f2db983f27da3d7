#pragma once

#include <memory>
#include <span>

#include <sluice/plugin.hpp>

#include "Options.h"
#include "OptionsSchema.h"
#include "Subscriptions.h"

namespace sluice::zeromq {

/// The plugin: a SUB or PULL socket for each endpoint. Its messages have no positions. Called on
/// the host's control thread.
class ZeromqInput {
  public:
    static constexpr plugin::Description kPlugin{
        .name = "zeromq",
        .version = "0.1.0",
        .optionsSchema = kOptionsSchema,
        .replayable = false,
        .separator = '.',
    };

    explicit ZeromqInput(plugin::Host& host);
    ~ZeromqInput();
    ZeromqInput(const ZeromqInput&) = delete;
    ZeromqInput& operator=(const ZeromqInput&) = delete;

    static void check(plugin::Host& host);
    void watch(std::span<const plugin::Pattern> patterns);
    void start(std::span<const sluice_start_position> positions, plugin::milliseconds rewind);
    void stop(plugin::milliseconds deadline);

  private:
    class Session;

    const plugin::Host& host_;
    const Options options_;
    Subscriptions subscriptions_;
    std::unique_ptr<Session> session_;  // between start and stop
};

}  // namespace sluice::zeromq
