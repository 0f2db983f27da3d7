#include "ClientId.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sluice::mqtt {
namespace {

constexpr std::size_t kHostMax = 40;

/// FNV-1a.
std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return hash;
}

std::string hex(std::uint64_t value, int digits) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%0*llx", digits,
                  static_cast<unsigned long long>(value));
    return text.data();
}

std::string hostName() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "host";
    return std::string(name.data()).substr(0, kHostMax);
}

std::string derived(std::string_view input) {
    std::string machine;
    std::ifstream file("/etc/machine-id");
    std::getline(file, machine);  // empty where there is none
    std::error_code ignored;
    const std::string place = machine + "\n" + std::filesystem::current_path(ignored).string();
    const std::uint64_t hash = hashOf(place);
    return "sluice-" + hostName() + "-" + std::string(input) + "-" +
           hex((hash ^ (hash >> 32)) & 0xffffffffU, 8);
}

/// A socket bound to an abstract name that stands for this client of this broker; -1: it is taken.
int lockFor(const BrokerAddress& broker, const std::string& id) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "sluice-mqtt-" + hex(hashOf(broker.text() + "\n" + id), 16);
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error(std::strerror(errno));
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0) return fd;
    const int error = errno;
    close(fd);
    if (error != EADDRINUSE) throw std::runtime_error(std::strerror(error));
    return -1;
}

}  // namespace

std::unique_ptr<const ClientId> ClientId::take(const Options& options, std::string_view input) {
    const bool isDerived = options.clientId.empty();
    const std::string base = isDerived ? derived(input) : options.clientId;
    for (int slot = 1; slot <= (isDerived ? kSlots : 1); ++slot) {
        std::string id = slot == 1 ? base : base + "-" + std::to_string(slot);
        if (const int lock = lockFor(options.broker, id); lock >= 0)
            return std::unique_ptr<const ClientId>(new ClientId(std::move(id), lock));
    }
    return nullptr;
}

ClientId::~ClientId() {
    close(lock_);
}

}  // namespace sluice::mqtt
