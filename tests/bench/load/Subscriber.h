#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <netinet/in.h>

#include "Connection.h"
#include "SequenceAudit.h"
#include "Tally.h"

namespace sluice::bench {

// One reader of one channel over its connections, driven as a Connection is. One thread.
class Subscriber final : private SseSink {
  public:
    using State = Connection::State;

    // REQUIRES: tally outlives this; channel indexes tally.channels; for the others see Connection.
    Subscriber(Tally& tally, std::size_t channel, std::string target, const std::string& host,
               bool isTls);

    // As Connection's.
    int connect(const sockaddr_in& server, int receiveBufferBytes) {
        return connection_.connect(server, receiveBufferBytes);
    }
    bool sendRequest();
    void close(bool reset) { connection_.close(reset); }

    // Reads what one call gives. Returns false when the connection has ended for whatever reason
    // (it is closed then).
    bool read(char* buffer, std::size_t bufferBytes);

    // At the end of a run: sets the audit against what the source is known to have published.
    void finish(const Tally::Channel& published);

    State state() const { return connection_.state(); }
    int fd() const { return connection_.fd(); }
    std::size_t channel() const { return channel_; }
    const SequenceAudit& audit() const { return audit_; }
    std::int64_t lastDueUs() const { return lastDueUs_; }
    // Whether all that was due when the present request was sent has come.
    bool caughtUp() const;

  private:
    void onEvent(const SseEvent& event) override;
    void onMeasured(std::uint64_t seq, std::int64_t dueUs);
    bool fail();

    // constant after construction
    Tally& tally_;
    const std::size_t channel_;

    Connection connection_;
    SequenceAudit audit_;
    std::int64_t requestSentUs_ = 0;
    std::int64_t lastDueUs_ = 0;
    std::int64_t intervalUs_ = 0;  // between two events of the channel, as scheduled
};

}  // namespace sluice::bench
