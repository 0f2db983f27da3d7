#include "base/Assert.h"

#include <cstdio>
#include <cstdlib>

namespace sluice {

void assertionFailed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "sluice: broken invariant: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace sluice
