#include "Bad.h"

/// Gives a table without stop.
static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.stop = nullptr;
    return table;
}

BAD_PLUGIN(make)
