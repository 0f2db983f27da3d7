#pragma once

#include <sys/resource.h>

namespace sluice::bench {

/// As many open files as the process may have. Where that fails the limit stays.
inline void raiseOpenFileLimit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace sluice::bench
