#pragma once

#include <cstring>

#include <sluice/plugin.h>

/// A plugin that does everything as it should and nothing at all; each bad one changes one thing.
namespace bad {

inline sluice_host host{};  // of the last instance

inline sluice_text text(const char* string) {
    return {string, std::strlen(string)};
}

inline sluice_message message(const char* payload) {
    sluice_message message{};
    message.size = sizeof message;
    message.topic = text("t");
    message.payload = text(payload);
    return message;
}

inline sluice_result push(const sluice_message& message) {
    return host.push(host.context, 0, &message, 1);
}

inline void running() {
    host.health(host.context, SLUICE_STATE_RUNNING, text(""), text(""), 0);
}

inline sluice_plugin_table goodTable() {
    sluice_plugin_table table{};
    table.size = sizeof table;
    table.abi_version = SLUICE_ABI_VERSION;
    table.name = "bad";
    table.version = "1";
    table.options_schema = R"({"type": "object"})";
    table.separator = '.';
    table.open = [](const sluice_host* given, void** instance) {
        host = *given;
        *instance = &host;
        return 0;
    };
    table.watch = [](void*, const sluice_pattern*, size_t) { return 0; };
    table.start = [](void*, const sluice_start_position*, size_t, uint64_t) {
        running();
        return 0;
    };
    table.stop = [](void*, uint32_t) { return 0; };
    table.close = [](void*) {};
    return table;
}

}  // namespace bad

/// Exports the table that `make` returns.
#define BAD_PLUGIN(make)                                                      \
    extern "C" SLUICE_PLUGIN_EXPORT const sluice_plugin_table* sluice_plugin( \
        uint32_t, uint32_t, uint32_t* plugin_min, uint32_t* plugin_max) {     \
        *plugin_min = *plugin_max = SLUICE_ABI_VERSION;                       \
        static const sluice_plugin_table table = make();                      \
        return &table;                                                        \
    }
