#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sluice/plugin.hpp>

#include "Handles.h"
#include "StartRule.h"

namespace sluice::kafka {

/// The plugin's settings, read once. Constant afterwards.
struct Options {
    std::string brokers;  // as librdkafka wants them, for people too
    plugin::StartRule start;
    std::chrono::milliseconds replayTimeout{30'000};  // without a record: then given up
    bool usesTls = false;
    bool usesScram = false;
    std::vector<std::pair<std::string, std::string>> properties;  // of librdkafka, later ones win
    std::vector<std::string> secrets;                             // values that no text may show

    /// `text` with every secret replaced.
    std::string scrub(std::string text) const;
};

/// Reads and checks every setting; what cannot be used is reported to the host, all of it. Touches
/// neither network nor files.
Options readOptions(plugin::Host& host);

/// The configuration of a handle. Throws std::runtime_error (readOptions has tried every property).
ConfPtr makeConf(const Options& options);

}  // namespace sluice::kafka
