#include "SparseLog.h"

namespace sluice::zeromq {

void SparseLog::warn(std::string_view text, Time now) {
    nextAt_ = now + kInterval;
    host_.log(SLUICE_LOG_WARNING, text);
}

}  // namespace sluice::zeromq
