#pragma once

#include <cstdint>
#include <span>

#include <sys/types.h>

namespace sluice::bench {

// What /proc says about a server under test and about the kernel. A process that is gone, or a
// file that may not be read, counts as 0.

// User and system time of all threads, ended ones included (proc(5), stat, fields 14 and 15).
double cpuSeconds(std::span<const pid_t> pids);

// Time that the machine's cores were not idle, whoever used it; time stolen by the host included.
double machineBusySeconds();

struct Memory {
    std::int64_t rssBytes = 0;
    std::int64_t peakRssBytes = 0;
};
// Summed over the processes (VmRSS and VmHWM of status).
Memory memoryOf(std::span<const pid_t> pids);

struct KernelMemory {
    std::int64_t slabBytes =
        0;  // Slab of meminfo: sockets, files, epoll items; of the whole machine
    std::int64_t tcpBytes = 0;  // buffers of TCP sockets (sockstat), of the whole machine
};
KernelMemory kernelMemory();

}  // namespace sluice::bench
