#pragma once

#include <memory>
#include <string>

#include "channel/Resume.h"
#include "channel/Subscription.h"
#include "delivery/Admission.h"
#include "net/IpAddress.h"
#include "net/Wire.h"

namespace sluice {

/// A stream that was parsed and authorised and now becomes delivery's.
struct StreamRequest {
    std::unique_ptr<Wire> wire;  // non-blocking, tuned for streaming
    std::string responseHead;    // sent before the first block; ends in an empty line
    SubscriptionSpec spec;
    ResumeRequest resume;
    std::unique_ptr<AdmissionState> admission{};  // null: anybody's, for ever
    IpAddress address{};                          // of the client; all zero: not known
};

}  // namespace sluice
