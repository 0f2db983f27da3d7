#pragma once

#include <optional>

#include "Fault.h"

namespace sluice::mqtt {

/// Why a connection to the broker fails, by trying: `name`, `refused`, `unreachable`, `no-answer`
/// or `tls`; nothing: up to the first packet of MQTT all is well. paho says only that it failed.
/// Takes a few times kDiagnosisMs at most, and as long as the system's resolver.
std::optional<Fault> diagnose(const Options& options);

inline constexpr int kDiagnosisMs = 1'000;

}  // namespace sluice::mqtt
