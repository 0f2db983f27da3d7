// What the frozen header says, for AbiTest.cpp, which sees today's.
#include "Frozen.h"

#include <sluice/plugin.h>

const FrozenSizes kFrozenSizes{sizeof(sluice_plugin_table), sizeof(sluice_message),
                               sizeof(sluice_host), sizeof(sluice_pattern)};
