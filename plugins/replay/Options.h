#pragma once

#include <optional>
#include <string>

#include <sluice/plugin.hpp>

namespace sluice::replay {

/// The options of README.md, read and checked.
struct Options {
    std::string file;
    std::optional<std::string> input;
    std::optional<double> speed = 1;  // absent: max
    bool loop = false;
    bool startsLive = false;
};

/// Reports what cannot be used to the host.
Options readOptions(plugin::Host& host);

}  // namespace sluice::replay
