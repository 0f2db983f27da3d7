#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "channel/Hub.h"
#include "input/DeadLetterFiles.h"
#include "input/LiveTap.h"
#include "mapping/MappingTable.h"

namespace sluice {

/// The table that all inputs map with, swapped as a whole between two messages, what all tables
/// since the start may have fed, the files that its rules write to, and who looks at what they do.
/// Any thread may call.
class MappingsInForce {
  public:
    /// Tells the hub of the table's generation.
    MappingsInForce(std::shared_ptr<const MappingTable> table, Hub& hub);

    DeadLetterFiles& deadLetterFiles() { return deadLetterFiles_; }
    LiveTap& liveTap() { return liveTap_; }

    /// Keeps the table in force while it lives: whoever maps holds it until the events are
    /// published, so that the hub sees the swap between two messages (resume.md N8).
    class Hold {
      public:
        const std::shared_ptr<const MappingTable>& table() const { return mappings_.table_; }
        /// Adds up the events that each rule of this table yielded.
        void count(const std::vector<std::uint64_t>& eventsByRule);

      private:
        friend class MappingsInForce;
        Hold(std::shared_lock<std::shared_mutex> lock, const MappingsInForce& mappings)
            : lock_{std::move(lock)}, mappings_{mappings} {}
        std::shared_lock<std::shared_mutex> lock_;
        const MappingsInForce& mappings_;
    };
    Hold hold() const;
    std::shared_ptr<const MappingTable> current() const;

    /// Puts another table in force and tells the hub, unless it yields the same of every message.
    void replace(std::shared_ptr<const MappingTable> table);

    /// As MappingTable::mayFeed, by any table since the start.
    bool mayFeed(std::string_view input, std::string_view topic, const Pattern& channels) const;
    bool mayFeed(std::string_view input, const Pattern& channels,
                 std::span<const Pattern> except = {}) const;
    /// Grows with every table, and with every change of what else decides who feeds a channel.
    std::uint64_t version() const noexcept { return version_.load(); }
    void originsChanged() noexcept { ++version_; }

    /// Events by rule of the table in force, since it is.
    std::vector<std::uint64_t> eventsByRule() const;

  private:
    void enter(std::shared_ptr<const MappingTable> table);

    Hub& hub_;
    DeadLetterFiles deadLetterFiles_;
    LiveTap liveTap_;
    std::atomic<std::uint64_t> version_{0};
    mutable std::mutex turnstile_;  // keeps a stream of holds from starving `replace`
    mutable std::shared_mutex mutex_;
    // guarded by mutex_ (the counts are atomic)
    std::shared_ptr<const MappingTable> table_;
    std::vector<std::shared_ptr<const MappingTable>> all_;  // different ones, since the start
    std::unique_ptr<std::atomic<std::uint64_t>[]> events_;
};

}  // namespace sluice
