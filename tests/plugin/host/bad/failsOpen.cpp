#include "Bad.h"

/// Refuses its settings in check and in open.
static int refuse(const sluice_host* host) {
    host->setting_error(host->context, "/brokers", bad::text("unreadable"),
                        bad::text("is no list of brokers"), bad::text("write HOST:PORT"));
    return 1;
}

static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.open = [](const sluice_host* host, void**) { return refuse(host); };
    table.check = refuse;
    return table;
}

BAD_PLUGIN(make)
