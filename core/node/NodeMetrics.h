#pragma once

#include <optional>

#include "channel/Hub.h"
#include "delivery/DeliveryPool.h"
#include "filter/Filters.h"
#include "graphite/GraphiteExport.h"
#include "http/Access.h"
#include "http/Gate.h"
#include "input/InputHost.h"
#include "journal/JournalCounts.h"
#include "net/TlsServer.h"
#include "node/MetricsPage.h"

namespace sluice {

/// Whose counts they are; for the time of one call.
struct NodeParts {
    const HubCounts& hub;
    const DeliveryCounts& delivery;
    const FilterCounts& filters;
    const InputHost& inputs;
    const GateCounts& gate;
    const ClientLimitCounts& clients;
    const std::optional<JournalCounts>& journal;
    const TlsServer* tls;  // null: there is none
    const AccessCounts& access;
    const GraphiteExport& graphite;
};

/// What /metrics serves: the counts of all parts (design.md section 9). Nothing carries channel
/// labels, so the page stays small whatever the channels.
MetricsPage metricsOf(const NodeParts& parts);

}  // namespace sluice
