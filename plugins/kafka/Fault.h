#pragma once

#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "Options.h"

namespace sluice::kafka {

/// What went wrong with a broker, in our words: librdkafka's own texts mix facts with guesses
/// ("might be caused by incorrect security.protocol"), and those are never shown.
struct Fault {
    /// How much a fault explains; a higher one is not replaced by what follows from it.
    enum class Weight { None, Silent, Closed, Refused, Definite };
    Weight weight = Weight::None;
    std::string code;  // refused, unreachable, closed, no-answer, name, authentication, tls, ...
    std::string text;
};

/// Translates what an error callback said. Weight::None: it says nothing new (such as "all brokers
/// are down", which follows from what was said before).
Fault describe(rd_kafka_resp_err_t error, std::string_view reason, const Options& options);

/// A line of librdkafka's log without the guess that may stand at its end.
std::string withoutGuess(std::string_view line);

/// The line for a login by SCRAM that failed with a librdkafka that Kafka 4 refuses; else empty.
std::string_view scramHint(const Options& options);

}  // namespace sluice::kafka
