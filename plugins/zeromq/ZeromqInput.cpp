#include "ZeromqInput.h"

#include <algorithm>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

#include <zmq.hpp>

#include "Reader.h"

namespace sluice::zeromq {
namespace {

bool isIpc(const std::string& endpoint) {
    return endpoint.starts_with("ipc://");
}

}  // namespace

/// A context and the thread that reads, from start to stop.
class ZeromqInput::Session {
  public:
    Session(const plugin::Host& host, const Options& options, Subscriptions subscriptions)
        : host_(host),
          context_(std::make_unique<zmq::context_t>()),
          reader_(host, options, *context_, std::move(subscriptions)),
          thread_([this] {
              host_.runThread("zeromq reader", [this] { reader_.run(); });
              reader_.close();
          }) {}
    ~Session() { stop(kUnasked); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Reader& reader() { return reader_; }

    void stop(plugin::milliseconds deadline) {
        if (!context_) return;
        reader_.stop();
        thread_.join();
        endContext(std::move(context_), deadline / 2);
    }

  private:
    static constexpr plugin::milliseconds kUnasked{1'000};  // for an end without stop()

    /// libzmq looks names up on its I/O thread, and nothing can interrupt that. A context whose
    /// thread sits there is left to end when it can: it has no socket any more, so it is silent.
    void endContext(std::unique_ptr<zmq::context_t> context, plugin::milliseconds within) {
        std::promise<void> promise;
        const std::future<void> ended = promise.get_future();
        std::thread ending([context = std::move(context), promise = std::move(promise)]() mutable {
            context.reset();
            promise.set_value();
        });
        if (ended.wait_for(within) == std::future_status::ready) return ending.join();
        ending.detach();
        host_.log(SLUICE_LOG_INFO, "a name is still being looked up; not waiting for it");
    }

    const plugin::Host& host_;
    std::unique_ptr<zmq::context_t> context_;
    Reader reader_;
    std::thread thread_;
};

ZeromqInput::ZeromqInput(plugin::Host& host) : host_(host), options_(readOptions(host)) {
    if (host.observes() && options_.socket == Options::Socket::Pull)
        throw std::runtime_error(
            "a pull socket that only looks would take messages from those who "
            "work with them");
    const bool takesPath = options_.binds && std::ranges::any_of(options_.endpoints, isIpc);
    if (host.observes() && takesPath)
        throw std::runtime_error(
            "binding an ipc:// path to look only would take it from the program that has it; "
            "look at a publisher, with connect");
}

ZeromqInput::~ZeromqInput() = default;

void ZeromqInput::check(plugin::Host& host) {
    readOptions(host);
}

void ZeromqInput::watch(std::span<const plugin::Pattern> patterns) {
    // A topic that is not on the wire cannot be subscribed to.
    const bool takesAll = !options_.topic.empty() && !patterns.empty();
    subscriptions_ = takesAll ? Subscriptions{""} : subscriptionsOf(patterns);
    if (session_) session_->reader().subscribe(subscriptions_);
}

void ZeromqInput::start(std::span<const sluice_start_position>, plugin::milliseconds) {
    session_ = std::make_unique<Session>(host_, options_, subscriptions_);
}

void ZeromqInput::stop(plugin::milliseconds deadline) {
    if (!session_) return;
    session_->stop(deadline);
    session_.reset();
}

}  // namespace sluice::zeromq

SLUICE_PLUGIN(sluice::zeromq::ZeromqInput)
