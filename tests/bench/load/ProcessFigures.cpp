#include "ProcessFigures.h"

#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace sluice::bench {
namespace {

constexpr std::int64_t kKiB = 1024;

std::string pathOf(pid_t pid, const char* file) {
    return "/proc/" + std::to_string(pid) + "/" + file;
}

// The number behind `name` in a file of the form "Name:   123 kB".
std::int64_t valueOf(const std::string& path, const std::string& name) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with(name)) return std::stoll(line.substr(name.size()));
    }
    return 0;
}

double cpuSecondsOf(pid_t pid) {
    std::ifstream file(pathOf(pid, "stat"));
    std::string line;
    std::getline(file, line);
    const std::size_t nameEnd = line.rfind(')');  // the name may contain anything
    if (nameEnd == std::string::npos) return 0;
    std::istringstream fields(line.substr(nameEnd + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double cpuSeconds(std::span<const pid_t> pids) {
    double sum = 0;
    for (const pid_t pid : pids) sum += cpuSecondsOf(pid);
    return sum;
}

double machineBusySeconds() {
    std::ifstream file("/proc/stat");
    std::string name;
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softIrq = 0, steal = 0;
    file >> name >> user >> nice >> system >> idle >> waiting >> irq >> softIrq >> steal;
    return (user + nice + system + irq + softIrq + steal) /
           static_cast<double>(sysconf(_SC_CLK_TCK));
}

Memory memoryOf(std::span<const pid_t> pids) {
    Memory sum;
    for (const pid_t pid : pids) {
        sum.rssBytes += valueOf(pathOf(pid, "status"), "VmRSS:") * kKiB;
        sum.peakRssBytes += valueOf(pathOf(pid, "status"), "VmHWM:") * kKiB;
    }
    return sum;
}

KernelMemory kernelMemory() {
    KernelMemory found;
    found.slabBytes = valueOf("/proc/meminfo", "Slab:") * kKiB;
    std::ifstream sockets("/proc/net/sockstat");
    std::string line;
    while (std::getline(sockets, line)) {
        const std::size_t at = line.find(" mem ");
        if (!line.starts_with("TCP:") || at == std::string::npos) continue;
        found.tcpBytes = std::stoll(line.substr(at + 5)) * sysconf(_SC_PAGESIZE);
    }
    return found;
}

}  // namespace sluice::bench
