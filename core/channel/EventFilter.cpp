#include "channel/EventFilter.h"

#include <atomic>
#include <utility>

namespace sluice {
namespace {

std::uint64_t nextNumber() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

EventFilter::EventFilter(std::string text) : text_{std::move(text)}, number_{nextNumber()} {}

}  // namespace sluice
