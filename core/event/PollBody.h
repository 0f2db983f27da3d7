#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// What blocks of a stream say, as one JSON object, for readers that ask again and again:
///
///     {"events":[{"channel","event","key","time","data" or "text","id"}],"gaps":[...],"id":"..."}
///
/// Events are as in `envelope`, each with its id; gaps as in `sluice.gap`; the last id is where the
/// next request goes on. One thread.
class PollBody final {
  public:
    /// The next whole block, without a frame around it, as BlockWriter writes it where control
    /// blocks are events and events come in their envelope.
    void add(std::string_view block);

    /// Nothing but where the stream stands.
    bool isEmpty() const { return events_.empty() && gaps_.empty(); }
    std::size_t eventCount() const { return eventCount_; }
    bool hasGaps() const { return !gaps_.empty(); }
    /// As JSON, comma-separated.
    const std::string& gaps() const { return gaps_; }
    const std::string& id() const { return id_; }

    /// `{"events":[...],"gaps":[...],"id":"..."` without the closing brace, so that more can
    /// follow.
    std::string openJson() const;
    std::string json() const { return openJson() + "}\n"; }

  private:
    std::string events_, gaps_, id_;
    std::size_t eventCount_ = 0;
};

}  // namespace sluice
