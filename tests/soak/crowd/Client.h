#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "Audit.h"
#include "Connection.h"
#include "CrowdOptions.h"

namespace sluice::soak {

// One reader: connects, stays for a while, is cut anywhere, also inside a block, is away for a
// while, and comes back with its last id. Times and choices derive from the run's seed and its own
// number. The crowd's loop drives it. One thread.
class Client final : private bench::SseSink {
  public:
    // REQUIRES: options and findings outlive this.
    Client(const CrowdOptions& options, Findings& findings, std::size_t number);

    bench::Connection& connection() { return connection_; }
    Audit& audit() { return audit_; }
    bool hasId() const { return !connection_.lastId().empty(); }

    // Reads what one call gives. Returns false when the connection has ended.
    bool read(char* buffer, std::size_t bufferBytes);

    // Reads a few bytes more and closes, by FIN or RST; now and then it forgets its id.
    void cut(char* buffer, std::size_t bufferBytes);

    std::int64_t stayUs() { return shareOf(options_.staySeconds); }
    std::int64_t awayUs() { return shareOf(options_.awaySeconds); }

  private:
    static constexpr std::size_t kLastBytesMax = 400;  // what a cut still lets through

    void onEvent(const bench::SseEvent& event) override;
    std::int64_t shareOf(double seconds);
    bool chance(double share);

    // constant after construction
    const CrowdOptions& options_;
    Findings& findings_;
    const std::size_t number_;

    std::mt19937_64 random_;
    Audit audit_;
    bench::Connection connection_;
};

}  // namespace sluice::soak
