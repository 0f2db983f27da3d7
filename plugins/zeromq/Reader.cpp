#include "Reader.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace sluice::zeromq {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kShare = 250;  // messages of one link before the next one has its turn
constexpr std::size_t kEndpointsShown = 3;

const char* codeOf(const zmq::error_t& error, bool binds) {
    if (error.num() == EADDRINUSE) return "address-in-use";
    return binds ? "cannot-bind" : "bad-endpoint";
}

}  // namespace

Reader::Reader(const plugin::Host& host, const Options& options, zmq::context_t& context,
               Subscriptions subscriptions)
    : host_(host),
      options_(options),
      context_(context),
      wakeFd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      subscriptions_(std::move(subscriptions)),
      frames_(options),
      lostLog_(host),
      unnumberedLog_(host),
      refusedLog_(host) {
    if (wakeFd_ < 0) throw std::runtime_error("no file descriptor is left for an eventfd");
    if (options.sequence) sequence_.emplace(*options.sequence);
}

Reader::~Reader() {
    ::close(wakeFd_);
}

void Reader::stop() {
    stopping_.store(true);
    wake();
}

void Reader::subscribe(Subscriptions subscriptions) {
    {
        const std::lock_guard lock(mutex_);
        ordered_ = std::move(subscriptions);
    }
    wake();
}

void Reader::wake() {
    const std::uint64_t one = 1;
    (void)!::write(wakeFd_, &one, sizeof one);  // a full counter wakes as well
}

// -- the reading thread

void Reader::run() {
    if (!open()) return;
    tellState();
    while (!stopping_.load()) {
        wait();
        followOrders();
        if (zap_) zap_->serve();
        const bool heard = hearLinks(Connection::Clock::now());
        drain();
        const bool changed = tendLinks(Connection::Clock::now());
        if (heard || changed) tellState();
    }
}

void Reader::close() noexcept {
    links_.clear();
    zap_.reset();
}

bool Reader::open() {
    if (options_.curve && !options_.curve->clients.empty())
        zap_.emplace(context_, options_.curve->clients);
    for (const std::string& endpoint : options_.endpoints) {
        Link& link = links_.emplace_back(context_, options_, endpoint);
        if (host_.continues()) link.connection().continues(Connection::Clock::now());
        try {
            link.open(subscriptions_);
        } catch (const zmq::error_t& error) {
            report(SLUICE_STATE_FAILED, codeOf(error, options_.binds),
                   std::string(options_.binds ? "cannot bind " : "cannot connect to ") + endpoint +
                       ": " + error.what());
            return false;
        }
    }
    // Nobody tells when those who send come back to us.
    if (options_.binds && host_.continues()) host_.lost({}, 0, {}, {}, SLUICE_LOST);
    return true;
}

/// Until something is there to do.
void Reader::wait() {
    items_.clear();
    items_.push_back({nullptr, wakeFd_, ZMQ_POLLIN, 0});
    if (zap_) items_.push_back({zap_->socket().handle(), 0, ZMQ_POLLIN, 0});
    std::optional<Time> due;
    const auto sooner = [&](Time time) { due = due ? std::min(*due, time) : time; };
    for (Link& link : links_) {
        link.addTo(items_);
        if (link.isClosed()) sooner(link.connection().reopenAt());
        if (link.connection().isDead() && !link.isClosed()) sooner(Time{});
        if (const auto verdict = link.connection().due()) sooner(*verdict);
    }
    milliseconds timeout{-1};
    if (due) {
        const auto left = std::chrono::ceil<milliseconds>(*due - Connection::Clock::now());
        timeout = std::max(left, milliseconds{0});
    }
    try {
        zmq::poll(items_, timeout);
    } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) throw;
    }
}

void Reader::followOrders() {
    std::uint64_t count = 0;
    if (::read(wakeFd_, &count, sizeof count) < 0) return;
    std::optional<Subscriptions> ordered;
    {
        const std::lock_guard lock(mutex_);
        ordered = std::exchange(ordered_, std::nullopt);
    }
    if (!ordered) return;
    // First what is new, so that nothing wanted before and after is missed in between.
    for (Link& link : links_) {
        for (const std::string& prefix : *ordered)
            if (!subscriptions_.contains(prefix)) link.subscribe(prefix);
        for (const std::string& prefix : subscriptions_)
            if (!ordered->contains(prefix)) link.unsubscribe(prefix);
    }
    subscriptions_ = std::move(*ordered);
}

bool Reader::hearLinks(Time now) {
    bool heard = false;
    for (Link& link : links_) {
        if (!link.hear(items_, now)) continue;
        heard = true;
        // Before anything of the new connection is received.
        if (const auto gone = link.connection().takeOutage()) noteOutage(link, *gone);
    }
    return heard;
}

/// Whether a state may have changed.
bool Reader::tendLinks(Time now) {
    bool changed = false;
    for (Link& link : links_) {
        if (options_.binds) {
            noteRefused(link, now);
            continue;
        }
        Connection& connection = link.connection();
        changed = connection.elapse(now) || changed;
        link.closeIfDead();
        if (link.isClosed() && now >= connection.reopenAt()) link.open(subscriptions_);
    }
    return changed;
}

void Reader::noteRefused(Link& link, Time now) {
    const std::uint64_t refused = link.takeRefused();
    refused_ += refused;
    if (refused == 0 || !refusedLog_.isDue(now)) return;
    refusedLog_.warn("refused a peer at " + link.endpoint() +
                         " in the handshake: other keys, or no ZeroMQ (" +
                         std::to_string(refused_) + " so far)",
                     now);
}

/// Receives until nothing is left or a batch is full. Links take turns, so that a flood at one
/// endpoint does not silence the others.
void Reader::drain() {
    bool received = true;
    while (received && !frames_.isFull()) {
        received = false;
        for (std::size_t n = 0; n < links_.size(); ++n) {
            Link& link = links_[(turn_ + n) % links_.size()];
            for (std::size_t i = 0; i < kShare && link.isReady() && !frames_.isFull(); ++i)
                received = frames_.receive(link) || received;
        }
        ++turn_;
    }
    push();
}

void Reader::push() {
    for (std::size_t i = 0; i < frames_.size(); ++i) {
        // What is lost stands between what came before and after it.
        if (sequence_ && !noteNumber(i)) {
            pushBatch();
            host_.lost({}, 0, {}, {}, SLUICE_LOST);
        }
        frames_.addTo(batch_, i);
    }
    pushBatch();
    frames_.clear();
}

void Reader::pushBatch() {
    if (batch_.empty()) return;
    if (host_.push(batch_) == SLUICE_CLOSING) stopping_.store(true);
}

// -- what is lost

/// False if something is missing before message i.
bool Reader::noteNumber(std::size_t i) {
    const auto frame = frames_.frame(i, options_.sequence->frame);
    const auto number = frame ? readNumber(options_.sequence->format, *frame) : std::nullopt;
    if (!number) {
        noteUnnumbered(frames_.topic(i));
        return true;
    }
    const Sequence::Verdict verdict = sequence_->note(frames_.topic(i), *number);
    if (verdict.kind == Sequence::Verdict::Kind::InOrder) return true;
    noteLost(frames_.topic(i), verdict, *number);
    return false;
}

void Reader::noteLost(std::string_view topic, const Sequence::Verdict& verdict,
                      std::uint64_t number) {
    lost_ += verdict.lost;
    const auto now = Connection::Clock::now();
    if (!lostLog_.isDue(now)) return;
    std::string text = "topic '" + std::string(topic) + "': number " + std::to_string(number) +
                       " came where " + std::to_string(verdict.expected) + " was due: ";
    text += verdict.kind == Sequence::Verdict::Kind::Lost
                ? std::to_string(verdict.lost) + " messages are lost"
                : "the publisher began again, what was lost is not known";
    lostLog_.warn(text + " (" + std::to_string(lost_) + " lost so far)", now);
}

void Reader::noteUnnumbered(std::string_view topic) {
    ++unnumbered_;
    const auto now = Connection::Clock::now();
    if (!unnumberedLog_.isDue(now)) return;
    unnumberedLog_.warn("topic '" + std::string(topic) + "': frame " +
                            std::to_string(options_.sequence->frame) +
                            " holds no number as sequence wants it, so losses cannot be seen (" +
                            std::to_string(unnumbered_) + " such messages so far)",
                        now);
}

void Reader::noteOutage(const Link& link, milliseconds gone) {
    host_.lost({}, 0, {}, {}, SLUICE_LOST);
    host_.log(SLUICE_LOG_WARNING, "the connection to " + link.endpoint() + " was gone for " +
                                      std::to_string(gone.count()) +
                                      " ms: what was sent meanwhile is lost");
}

// -- state

void Reader::tellState() {
    if (options_.binds)
        return report(SLUICE_STATE_RUNNING, "running", "listening on " + endpointsText());
    const Connection* first = nullptr;
    std::size_t up = 0;
    for (const Link& link : links_) {
        if (link.connection().isUp())
            ++up;
        else if (first == nullptr)
            first = &link.connection();
    }
    if (first == nullptr)
        return report(SLUICE_STATE_RUNNING, "running", "connected to " + endpointsText());
    std::string text = first->fault().text;
    if (links_.size() > 1)
        text += " (" + std::to_string(up) + " of " + std::to_string(links_.size()) +
                " endpoints are connected)";
    report(up > 0 ? SLUICE_STATE_DEGRADED : SLUICE_STATE_CONNECTING, first->fault().code, text);
}

/// Changes only.
void Reader::report(sluice_state state, const std::string& code, const std::string& text) {
    std::string report = std::to_string(state) + code + text;
    if (report == reported_) return;
    reported_ = std::move(report);
    host_.health(state, code, text);
}

std::string Reader::endpointsText() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(links_.size(), kEndpointsShown); ++i)
        text.append(text.empty() ? "" : ", ").append(links_[i].endpoint());
    if (links_.size() > kEndpointsShown)
        text += " and " + std::to_string(links_.size() - kEndpointsShown) + " more";
    return text;
}

}  // namespace sluice::zeromq
