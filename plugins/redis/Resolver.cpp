#include "Resolver.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include <netdb.h>
#include <poll.h>

#include "Fault.h"
#include "Wire.h"

namespace sluice::redis {
namespace {

struct Answer {
    int error = 0;
    std::vector<Address> addresses;
};

Answer look(const std::string& host, const std::string& port, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    Answer answer;
    answer.error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (answer.error != 0) return answer;
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
    for (const addrinfo* it = found; it != nullptr; it = it->ai_next) {
        Address address;
        address.length = it->ai_addrlen;
        std::memcpy(&address.storage, it->ai_addr, it->ai_addrlen);
        answer.addresses.push_back(address);
    }
    return answer;
}

/// What a look-up shares with who waits for it.
struct LookUp {
    plugin::Signal done;
    std::mutex mutex;
    Answer answer;  // guarded by mutex
};

Answer lookByName(const std::string& host, const std::string& port, const plugin::Signal& stop,
                  std::chrono::steady_clock::time_point until) {
    // Shared and detached: nothing can interrupt getaddrinfo, and a stop must not wait for it. The
    // thread touches only this; a plugin's library is never unloaded.
    const auto lookUp = std::make_shared<LookUp>();
    std::thread([lookUp, host, port] {
        Answer answer = look(host, port, AI_ADDRCONFIG);
        {
            const std::lock_guard lock(lookUp->mutex);
            lookUp->answer = std::move(answer);
        }
        lookUp->done.raise();
    }).detach();
    if (!waitFor(lookUp->done.fd(), POLLIN, stop, until)) return {EAI_AGAIN, {}};
    const std::lock_guard lock(lookUp->mutex);
    return std::move(lookUp->answer);
}

}  // namespace

std::vector<Address> resolve(const Options& options, const plugin::Signal& stop,
                             std::chrono::steady_clock::time_point until) {
    const std::string port = std::to_string(options.port);
    Answer answer = look(options.host, port, AI_NUMERICHOST);
    if (answer.error == EAI_NONAME) answer = lookByName(options.host, port, stop, until);
    if (answer.error != 0)
        throw Failure(
            {Fault::Weight::Refused, "name",
             "the name " + options.host + " cannot be looked up: " + gai_strerror(answer.error)});
    return std::move(answer.addresses);
}

}  // namespace sluice::redis
