#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

#include "Entry.h"
#include "Options.h"
#include "PlainLane.h"
#include "Reading.h"

namespace sluice::redis {

/// Reads streams with XREADGROUP as one consumer of a group, so that each entry comes to one
/// consumer only. Entries are plain messages: ids of other consumers' entries, and of entries that
/// come again, do not grow, so they are no positions. An entry is acknowledged when it is in its
/// log; what was not, comes again after a restart.
class GroupReading final : public Reading {
  public:
    /// `asker`: another connection than the one that reads. Borrows all.
    /// REQUIRES: options.group is set.
    GroupReading(const plugin::Host& host, const Options& options, Connection& asker,
                 PlainLane& plain);

    void connected() override;
    bool see(const std::string& key, const StreamInfo& now, bool isBorn, Fault& problem) override;
    void lose(const std::string& key) override { streams_.erase(key); }
    void leave(const std::string& key) override { streams_.erase(key); }
    void pause(const std::string& key) override { streams_.erase(key); }
    void answer(const std::string&, const StreamInfo*) override {}
    bool put(Connection& connection, std::span<const std::string> missing,
             std::chrono::milliseconds block) override;
    std::optional<Fault> take(const Reply& reply, std::set<std::string>& toLook) override;
    void refused(const Fault& fault) override;

  private:
    struct Stream {
        bool hasJoined = false;
        /// Our own entries that were not acknowledged are read again behind this id; absent: all
        /// were.
        std::optional<StreamId> pending = StreamId{};
        StreamId last;  // that we were given
        std::string claimCursor = "0-0";
    };

    bool join(const std::string& key, Stream& stream, const StreamInfo& now, bool isBorn,
              Fault& problem);
    std::string startOf(const Stream& stream, const StreamInfo& now, bool isBorn) const;
    void claim(const std::string& key, Stream& stream);
    void takeEntries(const std::string& key, Stream& stream, const Reply& items,
                     Connection& memory);
    void acknowledge(const std::string& key, Stream& stream);

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    const Options::Group& group_;
    Connection& asker_;
    PlainLane& plain_;

    std::map<std::string, Stream, std::less<>> streams_;
    Connection* reader_ = nullptr;  // whose replies are being taken
    ReadSize size_;
    TooLongLog tooLong_;
    EntryWriter writer_;
    plugin::Batch batch_;
    std::vector<std::string_view> toAcknowledge_;
};

}  // namespace sluice::redis
