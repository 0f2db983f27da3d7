#pragma once

#include <string>

#include "LoadOptions.h"
#include "LoadRun.h"

namespace sluice::bench {

// Whether everything that was published came once, in order and within the grace.
bool isClean(const LoadOptions& options, const LoadResult& result, const Tally& tally);

// One JSON object on one line; the names carry their units.
std::string asJson(const LoadOptions& options, const LoadResult& result, const Tally& tally);

// The same for people.
std::string asText(const LoadOptions& options, const LoadResult& result, const Tally& tally);

}  // namespace sluice::bench
