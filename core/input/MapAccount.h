#pragma once

#include <string_view>

#include "input/DeadLetterFiles.h"
#include "input/InputCounters.h"
#include "input/RejectedSamples.h"
#include "mapping/MapOutcome.h"
#include "mapping/MappingTable.h"

namespace sluice {

/// Tells what people want to know of what the input's messages were mapped to by the table, and
/// keeps what is to be kept; takes the outcome's samples. May write files, so not while the
/// mappings are held: no reload waits for the disk. Any thread.
void account(std::string_view input, MapOutcome& outcome, const MappingTable& table,
             DeadLetterFiles& files, InputCounters& counters, RejectedSamples& samples);

}  // namespace sluice
