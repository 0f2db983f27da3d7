#include "channel/EventFilter.h"

#include <atomic>

namespace sluice {
namespace {

std::uint64_t nextNumber() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

EventFilter::EventFilter() : number_{nextNumber()} {}

}  // namespace sluice
