#include "Bad.h"

/// Runs, and tells whom it spoke to, password and all.
static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        bad::host.health(bad::host.context, SLUICE_STATE_DEGRADED, bad::text("slow"),
                         bad::text("redis://u:hunter2@h is slow"), 0);
        bad::host.log(bad::host.context, SLUICE_LOG_ERROR, bad::text("redis://u:hunter2@h again"));
        return 0;
    };
    return table;
}

BAD_PLUGIN(make)
