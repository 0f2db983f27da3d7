#include <thread>

#include "Bad.h"

/// Has a thread that goes on after stop until the host has refused it a thousand times.
static void push() {
    for (int refused = 0; refused < 1'000;)
        if (bad::push(bad::message("late")) == SLUICE_CLOSING) ++refused;
}

static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        std::thread(push).detach();
        bad::running();
        return 0;
    };
    return table;
}

BAD_PLUGIN(make)
