#include "Options.h"

namespace sluice::replay {
namespace {

constexpr double kSpeedMin = 0.01, kSpeedMax = 1'000'000;

void readFile(plugin::Host& host, Options& options) {
    options.file = host.text("/file", "");
    if (options.file.empty())
        host.settingError("/file", "missing", "is missing",
                          "write file: with what `sluice record` wrote");
}

}  // namespace

Options readOptions(plugin::Host& host) {
    Options options;
    host.expectKeys("", {"file", "input", "speed", "loop", "start"});
    readFile(host, options);
    if (const auto input = host.text("/input")) options.input = std::string{*input};
    if (host.text("/speed", "1") == "max")
        options.speed.reset();
    else
        options.speed = host.real("/speed", 1, kSpeedMin, kSpeedMax);
    options.loop = host.boolean("/loop", false);
    options.startsLive = host.choice("/start", "earliest", {"earliest", "live"}) == "live";
    return options;
}

}  // namespace sluice::replay
