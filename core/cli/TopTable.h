#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "base/Json.h"

namespace sluice::cli {

/// What a node says of itself at one moment.
struct NodeLook {
    Json inputs, mappings, channels, subscribers;  // of the paths of these names
    std::string metrics;
    std::chrono::steady_clock::time_point at;
    std::int64_t wallMs = 0;
};

/// The sum over all series of a metric in Prometheus' text format.
double totalOf(const std::string& metrics, std::string_view name);

/// What `sluice top` shows: figures, inputs, mappings, channels and readers, with rates since the
/// look before. Lines are cut at `columns` characters; of channels the `rowsMax` with the latest
/// events, of readers those that are furthest behind.
std::string topText(const std::string& url, const NodeLook& before, const NodeLook& now,
                    std::size_t rowsMax, std::size_t columns);

}  // namespace sluice::cli
