#pragma once

#include <optional>
#include <string>

#include "channel/Hub.h"
#include "delivery/DeliveryPool.h"
#include "filter/Filters.h"
#include "http/Access.h"
#include "http/Gate.h"
#include "input/InputHost.h"
#include "journal/JournalCounts.h"
#include "net/TlsServer.h"

namespace sluice {

/// What /metrics serves: the counts of all parts (design.md section 9). Nothing carries channel
/// labels, so the page stays small whatever the channels. `tls`: null where there is none.
std::string metricsText(const HubCounts& hub, const DeliveryCounts& delivery,
                        const FilterCounts& filters, const InputHost& inputs,
                        const GateCounts& gate, const ClientLimitCounts& clients,
                        const std::optional<JournalCounts>& journal, const TlsServer* tls,
                        const AccessCounts& access);

}  // namespace sluice
