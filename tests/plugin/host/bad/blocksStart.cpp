#include <unistd.h>

#include "Bad.h"

/// Never returns from start.
static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) -> int {
        for (;;) pause();
    };
    return table;
}

BAD_PLUGIN(make)
