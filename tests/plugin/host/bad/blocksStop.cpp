#include <unistd.h>

#include "Bad.h"

/// Never returns from stop.
static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.stop = [](void*, uint32_t) -> int {
        for (;;) pause();
    };
    return table;
}

BAD_PLUGIN(make)
