#include "http/GateExchange.h"

#include <utility>

namespace sluice {

void GateExchange::offer(std::unique_ptr<GateConnection> ready) {
    {
        const std::lock_guard lock{mutex_};
        ready_.push_back(std::move(ready));
    }
    readyCame_.notify_one();
}

std::vector<std::unique_ptr<GateConnection>> GateExchange::takeReturned() {
    const std::lock_guard lock{mutex_};
    return std::exchange(returned_, {});
}

bool GateExchange::waitReady(std::chrono::microseconds timeout) {
    std::unique_lock lock{mutex_};
    return readyCame_.wait_for(lock, timeout, [this] { return !ready_.empty(); });
}

std::unique_ptr<GateConnection> GateExchange::takeReady() {
    const std::lock_guard lock{mutex_};
    if (ready_.empty()) return nullptr;
    auto connection = std::move(ready_.front());
    ready_.pop_front();
    return connection;
}

void GateExchange::giveBack(std::unique_ptr<GateConnection> connection) noexcept {
    bool isFirst = false;
    {
        const std::lock_guard lock{mutex_};
        isFirst = returned_.empty();
        returned_.push_back(std::move(connection));
    }
    if (isFirst) wakeup_.wake();
}

std::unique_ptr<Wire> GateExchange::takeWire(GateConnection& connection) noexcept {
    epoll_.remove(connection.wire->fd());
    connection.tls = nullptr;
    return std::move(connection.wire);
}

}  // namespace sluice
