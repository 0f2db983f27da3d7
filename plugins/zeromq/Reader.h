#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <zmq.hpp>

#include <sluice/plugin.hpp>

#include "Frames.h"
#include "Link.h"
#include "Options.h"
#include "Sequence.h"
#include "SparseLog.h"
#include "Subscriptions.h"
#include "Zap.h"

namespace sluice::zeromq {

/// Reads every endpoint on one thread, which owns all sockets: receives in batches and pushes,
/// tells the state and what is known to be lost. Any thread may call stop() and subscribe().
class Reader {
  public:
    /// Borrows all three; the context outlives run().
    Reader(const plugin::Host& host, const Options& options, zmq::context_t& context,
           Subscriptions subscriptions);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The thread's body; ends after stop(), or after it has reported FAILED.
    void run();
    /// Closes what is open. After run(), on its thread: a context ends only without sockets.
    void close() noexcept;
    void stop();
    /// What to be subscribed to from now on.
    void subscribe(Subscriptions subscriptions);

  private:
    using Time = Link::Time;

    bool open();
    void wait();
    void followOrders();
    bool hearLinks(Time now);
    bool tendLinks(Time now);
    void noteRefused(Link& link, Time now);
    void drain();
    void push();
    void pushBatch();
    bool noteNumber(std::size_t i);
    void noteLost(std::string_view topic, const Sequence::Verdict& verdict, std::uint64_t number);
    void noteUnnumbered(std::string_view topic);
    void noteOutage(const Link& link, std::chrono::milliseconds gone);
    void tellState();
    void report(sluice_state state, const std::string& code, const std::string& text);
    std::string endpointsText() const;
    void wake();

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    zmq::context_t& context_;
    const int wakeFd_;

    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::optional<Subscriptions> ordered_;  // guarded by mutex_

    // reading thread only
    Subscriptions subscriptions_;
    std::optional<Zap> zap_;
    std::deque<Link> links_;
    std::vector<zmq::pollitem_t> items_;
    std::size_t turn_ = 0;  // the link that is drained first
    Frames frames_;
    plugin::Batch batch_;
    std::optional<Sequence> sequence_;
    std::uint64_t lost_ = 0, unnumbered_ = 0, refused_ = 0;
    SparseLog lostLog_, unnumberedLog_, refusedLog_;
    std::string reported_;
};

}  // namespace sluice::zeromq
