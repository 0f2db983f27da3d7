#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/Clock.h"
#include "net/IpAddress.h"

namespace sluice {

/// Whom a bound is about: an address (IPv6 ones by their /64), or a subject of authentication.
struct LimitKey {
    enum class Kind : std::uint8_t { Address, Subject };
    Kind kind = Kind::Address;
    std::array<std::uint8_t, 16> id{};

    static LimitKey ofAddress(const IpAddress& address);
    /// Of a request's address as text; all that are none share one key.
    static LimitKey ofAddress(std::string_view address);
    /// By 16 bytes of its SHA-256, so that the length of a name costs nothing.
    static LimitKey ofSubject(std::string_view subject);
    bool operator==(const LimitKey&) const = default;
};

/// What one client may do. 0: as much as it likes.
struct ClientLimitOptions {
    std::uint32_t streamsPerAddress = 0;    // open at once
    std::uint32_t streamsPerSubject = 0;    // likewise
    std::uint32_t connectsPerAddress = 0;   // a second; requests where a proxy stands between
    std::uint32_t publishesPerAddress = 0;  // events a second
    std::uint32_t publishesPerSubject = 0;  // likewise
    std::uint32_t failuresSlow = 5;         // wrong keys in `failuresTime`: answers come late
    std::uint32_t failuresMax = 20;         // at so many nothing is looked at for `failuresTime`
    std::chrono::milliseconds failuresTime{60'000};
    std::size_t clientsMax = 100'000;  // that are remembered
    bool operator==(const ClientLimitOptions&) const = default;
};

/// Totals since the start, and what is held now. Any thread may read.
struct ClientLimitCounts {
    std::atomic<std::uint64_t> clients{0};         // remembered
    std::atomic<std::uint64_t> forgotten{0};       // to make room
    std::atomic<std::uint64_t> unbounded{0};       // requests of clients there was no room for
    std::atomic<std::uint64_t> streamsRefused{0};  // at the bound of an address or a subject
    std::atomic<std::uint64_t> connectsRefused{0};
    std::atomic<std::uint64_t> publishesRefused{0};
    std::atomic<std::uint64_t> failures{0};         // requests with a wrong key
    std::atomic<std::uint64_t> failuresSlowed{0};   // of these, answered late
    std::atomic<std::uint64_t> failuresRefused{0};  // requests refused for failures before
};

/// Counts what clients do and says when it is too much. Any thread may call; nothing waits.
///
/// Remembers at most `clientsMax` clients, each in at most kClientBytes: whoever did something
/// longest ago and has no stream is forgotten first. Rates are token buckets that hold a second's
/// worth.
class ClientLimits final {
  public:
    ClientLimits(const ClientLimitOptions& options, const Clock& clock);

    /// Most memory that is taken for one client that is remembered.
    static constexpr std::size_t kClientBytes = 192;
    /// How long an answer is held back from one who guesses.
    static constexpr std::chrono::milliseconds kSlowdown{1'000};

    /// Whether another connection may come.
    bool mayConnect(const LimitKey& client);
    /// Whether so many events may be published; all of them or none are counted. More than a
    /// second's worth at once passes where nothing went before, and is paid off afterwards.
    bool mayPublish(std::span<const LimitKey> clients, std::size_t events);
    /// Null: at the bound of one of them. Else counts until the last copy is gone.
    using Permit = std::shared_ptr<const void>;
    Permit openStream(std::span<const LimitKey> clients);

    /// A key was wrong. Whether the answer is to be held back. `mayRefuse`: whether it brings the
    /// client nearer to being refused.
    bool failed(const LimitKey& client, bool mayRefuse = true);
    /// Whether keys of it are not to be looked at any more for now.
    bool isRefused(const LimitKey& client);
    /// For how long.
    std::chrono::milliseconds refusalTime() const { return options_.failuresTime; }

    const ClientLimitCounts& counts() const { return counts_; }

    /// A client as operators see it.
    struct ClientStatus {
        std::string address;  // or the network, as "2001:db8::"; of a subject: "subject"
        std::uint32_t streams = 0;
        std::uint32_t refusedMs = 0;  // for so long its keys are not looked at
    };
    struct Status {
        std::size_t clients = 0, clientsMax = 0;
        std::vector<ClientStatus> list;
    };
    /// At most kShownMax clients: those that are refused, then those that have streams.
    Status status();
    static constexpr std::size_t kShownMax = 100;

  private:
    struct Hash {
        std::size_t operator()(const LimitKey& key) const noexcept;
    };
    struct Bucket {
        float owed = 0;  // what was taken and is not paid off
        std::uint32_t atMs = 0;
    };
    struct Client {
        std::uint32_t streams = 0;
        Bucket connects, publishes, failures;
        std::uint32_t refusedUntilMs = 0;
        bool isRefused = false;
        std::list<LimitKey>::iterator place;  // in idle_ or busy_
    };
    class OpenStream;

    Client* find(const LimitKey& key);
    void forgetOldest();
    bool countStream(std::span<const LimitKey> clients, OpenStream& stream);
    void close(const LimitKey& key) noexcept;
    ClientStatus statusOf(const LimitKey& key, const Client& client) const;
    static float settle(Bucket& bucket, float perSecond, std::uint32_t nowMs);
    std::uint32_t nowMs() const;
    std::uint32_t streamsMax(const LimitKey& key) const;
    std::uint32_t publishesMax(const LimitKey& key) const;

    // constant after construction
    const ClientLimitOptions options_;
    const Clock& clock_;
    ClientLimitCounts counts_;

    std::mutex mutex_;
    // guarded by mutex_
    std::unordered_map<LimitKey, Client, Hash> clients_;
    std::list<LimitKey> idle_;  // without streams; who did something last stands last
    std::list<LimitKey> busy_;  // the others
};

}  // namespace sluice
