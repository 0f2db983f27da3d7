#include "Bad.h"

/// Calls push in every way that the contract forbids, then once as it should.
static void breakCalls() {
    sluice_message undeclared = bad::message("undeclared");
    undeclared.flags = SLUICE_MESSAGE_HAS_LANE;
    undeclared.lane.family = bad::text("t");
    bad::push(undeclared);
    sluice_message small = bad::message("small");
    small.size = 4;
    bad::push(small);
    bad::host.push(bad::host.context, 0, nullptr, 3);
    bad::host.push(bad::host.context, 99, &undeclared, 1);
    bad::push(bad::message("good"));
}

static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        bad::running();
        breakCalls();
        return 0;
    };
    return table;
}

BAD_PLUGIN(make)
