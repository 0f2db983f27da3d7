#include <string>

#include "Bad.h"

/// Well-behaved: tells of every watch() in a message that lists its patterns and what they need.
static bool started = false;
static std::string watched;

static void tell() {
    bad::push(bad::message(watched.c_str()));
}

static sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.watch = [](void*, const sluice_pattern* patterns, size_t count) {
        watched.assign(1, '"');
        for (size_t i = 0; i < count; ++i)
            watched.append(patterns[i].text.data, patterns[i].text.length).append(1, ' ');
        watched.append(count > 0 && patterns[0].needs != 0 ? "with headers\"" : "without\"");
        if (started) tell();
        return 0;
    };
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        started = true;
        bad::running();
        tell();
        return 0;
    };
    table.stop = [](void*, uint32_t) {
        started = false;
        return 0;
    };
    return table;
}

BAD_PLUGIN(make)
