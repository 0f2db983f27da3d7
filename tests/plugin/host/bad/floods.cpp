#include <thread>

#include "Bad.h"

/// Reports a hundred thousand changes of its state and as many lines; pushes a message when done.
static std::thread flooding;

static void flood() {
    for (int i = 0; i < 100'000; ++i) {
        const auto state = i % 2 == 0 ? SLUICE_STATE_DEGRADED : SLUICE_STATE_RUNNING;
        bad::host.health(bad::host.context, state, bad::text("flood"), bad::text("again"), 0);
        bad::host.log(bad::host.context, SLUICE_LOG_ERROR, bad::text("and again"));
    }
    bad::push(bad::message("done"));
}

static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        flooding = std::thread(flood);
        return 0;
    };
    table.stop = [](void*, uint32_t) {
        flooding.join();
        return 0;
    };
    return table;
}

BAD_PLUGIN(make)
