#include "Bad.h"

/// Reports that it failed on its first start; on the next ones it runs and pushes.
static int starts = 0;

static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        if (starts++ == 0) {
            bad::host.health(bad::host.context, SLUICE_STATE_FAILED, bad::text("refused"),
                             bad::text("nobody listens"), 0);
        } else {
            bad::running();
            bad::push(bad::message("at last"));
        }
        return 0;
    };
    return table;
}

BAD_PLUGIN(make)
