#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "support/PluginInstance.h"
#include "support/RecordingHost.h"

/// A program that reads topic `t` with a plugin and writes the payload of every message to a file
/// from inside push, before push returns. Inside the push of message number DIES_AT it is killed
/// (by SIGKILL), before it has written that.
///
///     mqtt_dies_in_push FILE.so OUTPUT DIES_AT [POINTER=VALUE ...]
namespace {

int output = -1;
long diesAt = 0, pushed = 0;

sluice_result push(void*, std::uint64_t, const sluice_message* messages, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (++pushed == diesAt) kill(getpid(), SIGKILL);
        const std::string line = std::string(messages[i].payload.data, messages[i].payload.length);
        if (write(output, (line + "\n").c_str(), line.size() + 1) < 0) std::abort();
    }
    return SLUICE_OK;
}

}  // namespace

int main(int count, char** arguments) {
    using sluice::test::PluginInstance;
    using sluice::test::RecordingHost;
    if (count < 4) return 2;
    output = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    diesAt = std::atol(arguments[3]);
    RecordingHost host;
    for (int i = 4; i < count; ++i) {
        const std::string setting = arguments[i];
        const auto equals = setting.find('=');
        host.set(setting.substr(0, equals), setting.substr(equals + 1));
    }
    host.replacePush(push);
    PluginInstance plugin(arguments[1], host);
    if (!plugin.open() || !plugin.watch({"t"}) || !plugin.start()) return 1;
    pause();
    return 1;
}
