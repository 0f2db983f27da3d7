#include <sluice/plugin.h>

/// Was built for hosts of the future.
extern "C" SLUICE_PLUGIN_EXPORT const sluice_plugin_table* sluice_plugin(uint32_t, uint32_t,
                                                                         uint32_t* plugin_min,
                                                                         uint32_t* plugin_max) {
    *plugin_min = 7;
    *plugin_max = 9;
    return nullptr;
}
