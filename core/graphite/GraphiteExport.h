#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "graphite/GraphiteOptions.h"

namespace sluice {

/// Totals since the start.
struct GraphiteCounts {
    std::uint64_t sent = 0, failed = 0;  // times that all statistics were sent, or were not
    bool isFailing = false;              // the last of them was not
};

/// Sends statistics to carbon at an interval, on a thread of its own: whatever becomes of carbon
/// costs the node nothing else. After a failure it tries again, later and later (1 s to 60 s, with
/// jitter), with what is true then; what was not sent is gone. The log has one line when it begins
/// to fail and one when that is over.
///
/// `start`, `stop`: one thread. `counts`: any.
class GraphiteExport final {
  public:
    /// The lines for a time in seconds since 1970; called on the exporter's thread, and may wait.
    using Make = std::function<std::string(std::int64_t timeS)>;
    GraphiteExport(GraphiteOptions options, Make make);
    ~GraphiteExport();
    GraphiteExport(const GraphiteExport&) = delete;
    GraphiteExport& operator=(const GraphiteExport&) = delete;

    /// Does nothing where no server is named.
    void start();
    /// From here on `make` is not called any more. Waits for no resolver.
    void stop() noexcept;
    bool isOn() const;
    GraphiteCounts counts() const;

  private:
    class Worker;
    // Shared with its thread, which may outlive us for as long as it waits for the resolver.
    const std::shared_ptr<Worker> worker_;
};

}  // namespace sluice
