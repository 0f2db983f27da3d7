#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/Hub.h"
#include "channel/ReplaySource.h"
#include "input/ReplayOptions.h"

namespace sluice {

class Input;

/// Totals since the start and states of now.
struct ReplayCounts {
    std::uint64_t running = 0;            // replays
    std::uint64_t waiting = 0;            // of these, whose readers have enough for now
    std::uint64_t events = 0, bytes = 0;  // held in their logs
    std::uint64_t shared = 0;             // requests that read another one's log
    std::uint64_t refusedBusy = 0;        // lanes, at replaysMax
    std::uint64_t refusedUnreadable = 0;  // lanes whose input cannot read them again
};

/// Admits replays, lets equal ones share their log, and hands their lanes to the inputs. Any thread
/// may call; nothing waits.
class Replays final : public ReplaySource {
  public:
    /// Finds an input in force by name, or null.
    using FindInput = std::function<std::shared_ptr<Input>(std::string_view name)>;

    /// Borrows the hub.
    Replays(Hub& hub, const ReplayOptions& options, FindInput findInput);

    Refused replay(const ReplayRequest& request, std::unique_ptr<ReplayReader>& reader) override;
    /// Counts for replays that begin from now on; those that run go on as they are.
    void setOptions(const ReplayOptions& options);
    ReplayCounts counts() const;

    /// Legs of one log; whoever asks for more begins anew.
    static constexpr std::size_t kLegsMax = 10'000;

  private:
    using LogPtr = std::shared_ptr<ReplayLog>;  // shared by readers and sources

    struct Order {
        ReplayLeg leg;
        std::shared_ptr<Input> input;
        std::string family;
        std::uint32_t index = 0;
        Words words = Words::One;
    };

    std::optional<Order> orderOf(const ReplayLeg& leg, const LaneTable& lanes) const;
    bool share(const ReplayRequest& request, const std::vector<Order>& orders,
               std::unique_ptr<ReplayReader>& reader);
    std::vector<LogPtr> logsInLock() const;
    bool begin(const ReplayRequest& request, std::unique_ptr<ReplayReader>& reader);

    Hub& hub_;
    const FindInput findInput_;
    std::atomic<std::uint64_t> shared_{0}, refusedBusy_{0}, refusedUnreadable_{0};

    mutable std::mutex mutex_;
    // guarded by mutex_
    ReplayOptions options_;
    mutable std::vector<std::weak_ptr<ReplayLog>> logs_;
    std::uint64_t lastGroup_ = 0;
};

}  // namespace sluice
