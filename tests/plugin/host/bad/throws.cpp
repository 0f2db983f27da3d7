#include <stdexcept>

#include "Bad.h"

/// Throws across the border when it is started.
static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) -> int {
        throw std::runtime_error("no coffee");
    };
    return table;
}

BAD_PLUGIN(make)
