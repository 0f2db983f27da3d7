#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "Connection.h"
#include "Fault.h"
#include "StreamInfo.h"

namespace sluice::redis {

/// How the streams that are there are read: each node by itself (LaneReading), or shared by the
/// consumers of a group (GroupReading). Streams finds out what is there and asks; this one acts.
/// Functions throw Failure and Stopping. One thread.
class Reading {
  public:
    virtual ~Reading() = default;

    /// The connections are new: what was under way is not.
    virtual void connected() = 0;
    /// The stream is there. The first time it begins to be read; isBorn: it appeared while the
    /// node runs, so that it is read from its beginning. False: it cannot be, `problem` says why.
    virtual bool see(const std::string& key, const StreamInfo& now, bool isBorn,
                     Fault& problem) = 0;
    /// It is not there any more.
    virtual void lose(const std::string& key) = 0;
    /// Nobody wants it any more.
    virtual void leave(const std::string& key) = 0;
    /// We may not read it, until it is seen again.
    virtual void pause(const std::string& key) = 0;
    /// The host asks for its ends; null: it is not there.
    virtual void answer(const std::string& key, const StreamInfo* now) = 0;

    /// Puts the command that reads on, to wait for `block` (0: not at all) where nothing is there;
    /// `missing` are keys that may come. False: there is nothing to read.
    virtual bool put(Connection& connection, std::span<const std::string> missing,
                     std::chrono::milliseconds block) = 0;
    /// Its reply, no error; what is there is read. Keys that should be looked at are added to
    /// `toLook`. A fault: the server refuses, perhaps for one of the keys.
    virtual std::optional<Fault> take(const Reply& reply, std::set<std::string>& toLook) = 0;
    /// The server refused.
    virtual void refused(const Fault& fault) = 0;

    /// Of one read, over all streams; of one stream at least kEntriesLeast.
    static constexpr std::size_t kEntriesMax = 10'000;
    static constexpr std::size_t kEntriesOfOneMax = 1'000;
    static constexpr std::size_t kEntriesLeast = 10;
};

/// How many entries of each stream one read asks for: fewer after a reply that was too large.
class ReadSize {
  public:
    std::size_t of(std::size_t streams) const;
    bool isLeast() const { return most_ == 1; }
    void tooMuch() { most_ = 1; }
    void enough();

  private:
    std::size_t most_ = Reading::kEntriesOfOneMax;
};

}  // namespace sluice::redis
