#include "http/ClientLimits.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "auth/Digest.h"

namespace sluice {
namespace {

constexpr float kMsPerSecond = 1'000;

/// Nobody can choose keys that all fall into one place of the table.
std::uint64_t seed() {
    static const std::uint64_t kSeed = [] {
        std::random_device device;
        return std::uint64_t{device()} << 32 | device();
    }();
    return kSeed;
}

}  // namespace

/// Counts a stream at its clients as long as it lives.
class ClientLimits::OpenStream {
  public:
    OpenStream(ClientLimits& limits, std::size_t clientsMax) : limits_{limits} {
        clients_.reserve(clientsMax);
    }
    ~OpenStream() {
        for (const LimitKey& client : clients_) limits_.close(client);
    }
    OpenStream(const OpenStream&) = delete;
    OpenStream& operator=(const OpenStream&) = delete;

    void add(const LimitKey& client) { clients_.push_back(client); }

  private:
    ClientLimits& limits_;
    std::vector<LimitKey> clients_;
};

LimitKey LimitKey::ofAddress(const IpAddress& address) {
    return {Kind::Address, address.network().bytes};
}

LimitKey LimitKey::ofAddress(std::string_view address) {
    return ofAddress(IpAddress::parse(address).value_or(IpAddress{}));
}

LimitKey LimitKey::ofSubject(std::string_view subject) {
    const Digest digest = digestOf(subject);
    LimitKey key{Kind::Subject, {}};
    std::copy_n(digest.begin(), key.id.size(), key.id.begin());
    return key;
}

std::size_t ClientLimits::Hash::operator()(const LimitKey& key) const noexcept {
    std::uint64_t words[2];
    std::memcpy(words, key.id.data(), sizeof words);
    // Two rounds of a multiply that mixes high bits down (splitmix64).
    std::uint64_t mixed = seed() ^ static_cast<std::uint64_t>(key.kind);
    for (const std::uint64_t word : words) {
        mixed = (mixed ^ word) * 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed ^= mixed >> 31;
    }
    return mixed;
}

ClientLimits::ClientLimits(const ClientLimitOptions& options, const Clock& clock)
    : options_{options}, clock_{clock} {}

std::uint32_t ClientLimits::nowMs() const {
    return static_cast<std::uint32_t>(clock_.steadyUs() / 1'000);
}

/// The client, made where it is new; null: there is no room for another one.
ClientLimits::Client* ClientLimits::find(const LimitKey& key) {
    const auto found = clients_.find(key);
    if (found != clients_.end()) {
        Client& client = found->second;
        if (client.streams == 0) idle_.splice(idle_.end(), idle_, client.place);
        return &client;
    }
    if (clients_.size() >= options_.clientsMax) forgetOldest();
    if (clients_.size() >= options_.clientsMax) {
        ++counts_.unbounded;
        return nullptr;
    }
    Client& client = clients_[key];
    client.place = idle_.insert(idle_.end(), key);
    counts_.clients = clients_.size();
    return &client;
}

void ClientLimits::forgetOldest() {
    if (idle_.empty()) return;
    clients_.erase(idle_.front());
    idle_.pop_front();
    ++counts_.forgotten;
    counts_.clients = clients_.size();
}

/// Pays off what time has paid; how much is owed still. The clock of buckets turns over after 49
/// days, which at worst forgives a debt.
float ClientLimits::settle(Bucket& bucket, float perSecond, std::uint32_t nowMs) {
    const auto passedMs = static_cast<float>(nowMs - bucket.atMs);
    bucket.owed = std::max(bucket.owed - passedMs * perSecond / kMsPerSecond, 0.0F);
    bucket.atMs = nowMs;
    return bucket.owed;
}

bool ClientLimits::mayConnect(const LimitKey& client) {
    if (options_.connectsPerAddress == 0) return true;
    const std::lock_guard lock{mutex_};
    Client* const its = find(client);
    if (its == nullptr) return true;
    const auto most = static_cast<float>(options_.connectsPerAddress);
    if (settle(its->connects, most, nowMs()) + 1 > most) {
        ++counts_.connectsRefused;
        return false;
    }
    its->connects.owed += 1;
    return true;
}

std::uint32_t ClientLimits::publishesMax(const LimitKey& key) const {
    return key.kind == LimitKey::Kind::Address ? options_.publishesPerAddress
                                               : options_.publishesPerSubject;
}

bool ClientLimits::mayPublish(std::span<const LimitKey> clients, std::size_t events) {
    const std::lock_guard lock{mutex_};
    const std::uint32_t now = nowMs();
    const auto cost = static_cast<float>(events);
    for (const LimitKey& key : clients) {
        if (publishesMax(key) == 0) continue;
        Client* const client = find(key);
        const auto most = static_cast<float>(publishesMax(key));
        if (client == nullptr) continue;
        const float owed = settle(client->publishes, most, now);
        if (owed > 0 && owed + cost > most) {
            ++counts_.publishesRefused;
            return false;
        }
    }
    for (const LimitKey& key : clients)
        if (const auto found = clients_.find(key);
            publishesMax(key) != 0 && found != clients_.end())
            found->second.publishes.owed += cost;
    return true;
}

std::uint32_t ClientLimits::streamsMax(const LimitKey& key) const {
    return key.kind == LimitKey::Kind::Address ? options_.streamsPerAddress
                                               : options_.streamsPerSubject;
}

ClientLimits::Permit ClientLimits::openStream(std::span<const LimitKey> clients) {
    const bool isBound = std::any_of(clients.begin(), clients.end(),
                                     [&](const LimitKey& key) { return streamsMax(key) != 0; });
    if (!isBound) return Permit{Permit{}, this};  // owns nothing
    auto stream = std::make_shared<OpenStream>(*this, clients.size());
    return countStream(clients, *stream) ? Permit{std::move(stream)} : nullptr;
}

bool ClientLimits::countStream(std::span<const LimitKey> clients, OpenStream& stream) {
    const std::lock_guard lock{mutex_};
    for (const LimitKey& key : clients) {
        Client* const client = streamsMax(key) == 0 ? nullptr : find(key);
        if (client == nullptr) continue;
        if (client->streams >= streamsMax(key)) {
            ++counts_.streamsRefused;
            return false;
        }
        if (client->streams++ == 0) busy_.splice(busy_.end(), idle_, client->place);
        stream.add(key);
    }
    return true;
}

void ClientLimits::close(const LimitKey& key) noexcept {
    const std::lock_guard lock{mutex_};
    const auto found = clients_.find(key);
    if (--found->second.streams == 0) idle_.splice(idle_.end(), busy_, found->second.place);
}

bool ClientLimits::failed(const LimitKey& key, bool mayRefuse) {
    const std::lock_guard lock{mutex_};
    ++counts_.failures;
    Client* const client = options_.failuresMax == 0 ? nullptr : find(key);
    if (client == nullptr) return false;
    const std::uint32_t now = nowMs();
    const auto slow = static_cast<float>(options_.failuresSlow);
    const auto timeMs = static_cast<float>(options_.failuresTime.count());
    // Who fails seldom is forgiven: `slow` of them in the time.
    const float before = settle(client->failures, slow * kMsPerSecond / timeMs, now);
    // Enough to be held back, however many come.
    const float owed = mayRefuse ? before + 1 : std::max(before, std::min(before, slow) + 1);
    client->failures.owed = owed;
    if (mayRefuse && owed >= static_cast<float>(options_.failuresMax)) {
        client->isRefused = true;
        client->refusedUntilMs = now + static_cast<std::uint32_t>(options_.failuresTime.count());
    }
    if (owed <= slow) return false;
    ++counts_.failuresSlowed;
    return true;
}

bool ClientLimits::isRefused(const LimitKey& key) {
    const std::lock_guard lock{mutex_};
    const auto found = clients_.find(key);
    if (found == clients_.end() || !found->second.isRefused) return false;
    Client& client = found->second;
    // Also right where the clock has turned over in between.
    if (static_cast<std::int32_t>(client.refusedUntilMs - nowMs()) > 0) {
        ++counts_.failuresRefused;
        return true;
    }
    client.isRefused = false;
    // Not forgiven at once: the next wrong key is answered late.
    client.failures = {static_cast<float>(options_.failuresSlow), nowMs()};
    return false;
}

ClientLimits::ClientStatus ClientLimits::statusOf(const LimitKey& key, const Client& client) const {
    const auto leftMs = static_cast<std::int32_t>(client.refusedUntilMs - nowMs());
    const bool isRefused = client.isRefused && leftMs > 0;
    const bool isAddress = key.kind == LimitKey::Kind::Address;
    return {isAddress ? IpAddress{key.id}.text() : "subject", client.streams,
            isRefused ? static_cast<std::uint32_t>(leftMs) : 0};
}

ClientLimits::Status ClientLimits::status() {
    const std::lock_guard lock{mutex_};
    Status status{clients_.size(), options_.clientsMax, {}};
    for (const auto& [key, client] : clients_)
        if (client.isRefused && status.list.size() < kShownMax)
            status.list.push_back(statusOf(key, client));
    for (const LimitKey& key : busy_) {
        if (status.list.size() == kShownMax) break;
        const Client& client = clients_.at(key);
        if (!client.isRefused) status.list.push_back(statusOf(key, client));
    }
    return status;
}

}  // namespace sluice
