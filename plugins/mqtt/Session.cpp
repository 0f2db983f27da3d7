#include "Session.h"

#include <algorithm>
#include <utility>

#include "Diagnosis.h"

namespace sluice::mqtt {
namespace {

using Kind = LinkEvent::Kind;
using Wake = Mailbox::Wake;
using Version = Options::Version;
using namespace std::chrono_literals;

/// paho looks every three seconds whether a connection takes too long.
constexpr auto kConnectPatience = Link::kConnect + 10s;
constexpr std::size_t kOnline = 1, kOffline = 2;  // numbers of what we publish

const char* nameOf(Link::Protocol protocol) {
    return protocol == Link::Protocol::V5 ? "MQTT 5" : "MQTT 3.1.1";
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

Session::Session(const plugin::Host& host, const Options& options, FilterSet filters)
    : host_(host),
      options_(options),
      receiver_(host, options),
      protocol_(options.version == Version::V311 ? Link::Protocol::V311 : Link::Protocol::V5),
      isVersionSettled_(options.version != Version::Newest),
      keepAlive_(options.keepAlive) {
    watch(std::move(filters));
    thread_ = std::thread([this] { host_.runThread("mqtt session", [this] { run(); }); });
}

Session::~Session() {
    stop(plugin::milliseconds{0});
}

void Session::watch(FilterSet filters) {
    receiver_.copies().watchOverlaps(filters.hasOverlaps());
    mailbox_.watch(std::move(filters));
}

void Session::stop(plugin::milliseconds deadline) {
    if (!thread_.joinable()) return;
    stopDeadline_ = deadline;
    mailbox_.close();
    thread_.join();
}

// -- the session's thread

void Session::run() {
    if (!holdClientId()) return;
    report(SLUICE_STATE_CONNECTING, "connecting", "connecting to " + options_.broker.text());
    while (!mailbox_.isClosed()) {
        Fault fault;
        try {
            fault = attempt();
        } catch (const ::mqtt::exception& error) {
            // The connection went while something was asked for, or paho cannot do it at all.
            fault = {.code = "closed", .text = options_.broker.text() + ": " + error.what()};
            link_.reset();
            isConnected_ = false;
        }
        if (!mailbox_.isClosed()) retry(fault);
    }
    leave();
}

/// False: the end came first.
bool Session::holdClientId() {
    BackOff waits(kRetryFirst, kRetryMax);
    while (!(clientId_ = ClientId::take(options_, host_.input()))) {
        const auto wait = waits.next();
        report(SLUICE_STATE_CONNECTING, "client-id-in-use",
               "another instance on this machine has the client id " + options_.clientId +
                   "; give every instance its own client_id:, or leave it out",
               wait);
        if (!mailbox_.pause(Clock::now() + wait)) return false;
    }
    return true;
}

/// Connects and serves; returns why that ended.
Fault Session::attempt() {
    mailbox_.forgetEvents();
    if (!link_)
        link_ = std::make_unique<Link>(host_, options_, clientId_->text(), protocol_, receiver_,
                                       mailbox_);
    link_->connect(keepAlive_);
    const auto event = awaitConnection();
    if (mailbox_.isClosed() && (!event || event->kind != Kind::Connected)) return {};
    if (!event) {
        link_.reset();  // whatever it still does
        return {.code = "no-answer", .text = options_.broker.text() + " does not answer"};
    }
    if (event->kind == Kind::ConnectFailed) return faultOfConnecting(*event);
    isVersionSettled_ = true;
    return hasToPingMore(*event) ? attempt() : serve(*event);
}

/// The broker may want a shorter keep-alive (MQTT 5.0, 3.2.2.3.14), which paho 1.3.12 does not
/// hear: so we come again with it.
bool Session::hasToPingMore(const LinkEvent& connected) {
    if (connected.keepAlive == 0s || connected.keepAlive >= keepAlive_) return false;
    keepAlive_ = connected.keepAlive;
    host_.log(SLUICE_LOG_INFO, "the broker wants a keep-alive of " +
                                   std::to_string(keepAlive_.count()) + "s; connecting with it");
    link_.reset();
    return true;
}

std::optional<LinkEvent> Session::awaitConnection() {
    const auto until = Clock::now() + kConnectPatience;
    while (auto event = mailbox_.take(until, Wake::Closing))
        if (event->kind == Kind::Connected || event->kind == Kind::ConnectFailed) return event;
    return std::nullopt;
}

Fault Session::faultOfConnecting(const LinkEvent& event) {
    const std::string broker = options_.broker.text();
    soonLost_ = 0;  // a thief of sessions lets us connect
    Fault fault;
    if (has(event.text, "CONNACK")) {
        fault = faultOfConnack(event.code, options_, clientId_->text());
    } else if (auto found = diagnose(options_)) {
        fault = std::move(*found);
    } else if (has(event.text, "timeout")) {
        fault = {.code = "no-answer", .text = broker + " takes connections but does not answer"};
    } else {
        fault = {.code = "closed",
                 .text = broker + " closed the connection before it answered",
                 .isOfVersion = true};
    }
    if (fault.isOfVersion && !isVersionSettled_) tryOtherVersion();
    return fault;
}

void Session::tryOtherVersion() {
    protocol_ = protocol_ == Link::Protocol::V5 ? Link::Protocol::V311 : Link::Protocol::V5;
    link_.reset();
}

/// Returns why the connection ended.
Fault Session::serve(const LinkEvent& connected) {
    isConnected_ = true;
    connectedAt_ = Clock::now();
    isSettled_ = false;
    takesIdentifiers_ = connected.takesIdentifiers;
    if (options_.status) link_->publish(*options_.status, options_.status->online, kOnline);
    // A session that we did not make may have other subscriptions, and retained messages are to
    // come once after every start.
    if (connected.isSessionPresent && hasSubscribed_) {
        subscriptions_.forgetUnanswered();
    } else {
        subscriptions_.forgetAll();
        receiver_.copies().beginRound();
    }
    hasSubscribed_ = true;
    refusedRetries_.reset();
    takeFilters();
    for (;;) {
        subscribe();
        const auto event = mailbox_.take(askRefusedAt_, Wake::ClosingAndFilters);
        if (mailbox_.isClosed()) return {};
        takeFilters();
        if (event) {
            if (auto fault = handle(*event)) return std::move(*fault);
        } else if (Clock::now() >= askRefusedAt_) {
            subscriptions_.forgetRefused();
        }
    }
}

std::optional<Fault> Session::handle(const LinkEvent& event) {
    switch (event.kind) {
        case Kind::Subscribed:
            subscriptions_.note(event.request, event.reasons);
            return std::nullopt;
        case Kind::Lost:
            isConnected_ = false;
            return faultOfLoss();
        case Kind::Dismissed:
            isConnected_ = false;
            return faultOfDisconnect(event.code, options_, clientId_->text());
        default:
            return std::nullopt;
    }
}

void Session::takeFilters() {
    const auto filters = mailbox_.takeFilters();
    if (!filters) return;
    problem_ = filters->problem();
    const auto gone = subscriptions_.want(*filters);
    if (!gone.empty()) link_->unsubscribe(gone);
}

/// Asks for what is wanted and says how it stands.
void Session::subscribe() {
    for (const auto& request : subscriptions_.ask())
        link_->subscribe(request.filters, request.number,
                         takesIdentifiers_ ? request.identifier : 0);
    receiver_.subscribed();
    reportSubscriptions();
}

/// The broker (or what is in between) closed the connection without a word, or paho did when it
/// heard nothing. It does not say which: the time does, where messages came of late.
Fault Session::faultOfLoss() {
    const std::string broker = options_.broker.text();
    const auto lived = Clock::now() - connectedAt_;
    soonLost_ = lived < kSoon ? soonLost_ + 1 : 0;
    if (soonLost_ >= kSoonLostMax)
        return {.code = "taken-over",
                .text = broker + " closed " + std::to_string(soonLost_) +
                        " connections soon after it had taken them; perhaps another client uses "
                        "the client id " +
                        clientId_->text(),
                .isTakenOver = true};
    if (receiver_.quiet() < keepAlive_)
        return {.code = "closed", .text = broker + " closed the connection"};
    return {.code = "keep-alive",
            .text = broker + " was not heard for the keep-alive of " +
                    std::to_string(keepAlive_.count()) + "s, or closed the quiet connection"};
}

void Session::retry(const Fault& fault) {
    if (fault.isTakenOver)
        retries_.reset();
    else if (connectedAt_ != Clock::time_point{} && Clock::now() - connectedAt_ >= kSoon)
        retries_.reset();
    connectedAt_ = {};
    askRefusedAt_ = Clock::time_point::max();
    const auto wait = fault.isTakenOver ? retries_.jittered(kTakenOverWait) : retries_.next();
    report(SLUICE_STATE_CONNECTING, fault.code, fault.text, wait);
    mailbox_.pause(Clock::now() + wait);
}

/// Everything that came has been pushed when the link is gone.
void Session::leave() {
    const auto until = Clock::now() + stopDeadline_ / 4;
    try {
        if (isConnected_ && link_) {
            sayOffline();
            link_->disconnect();
            while (const auto event = mailbox_.take(until, Wake::Never))
                if (event->kind != Kind::Subscribed && event->kind != Kind::Published) break;
        }
    } catch (const ::mqtt::exception&) {
        // It is disconnected already.
    }
    link_.reset();
    clientId_.reset();
}

void Session::sayOffline() {
    if (!options_.status) return;
    const auto until = Clock::now() + stopDeadline_ / 4;
    link_->publish(*options_.status, options_.status->offline, kOffline);
    while (const auto event = mailbox_.take(until, Wake::Never)) {
        if (event->kind == Kind::Published && event->request == kOffline) return;
        if (event->kind == Kind::Lost || event->kind == Kind::Dismissed) return;
    }
}

// -- the state of the input

void Session::reportSubscriptions() {
    if (!subscriptions_.isSettled()) {
        // Later on, what is asked for again or anew changes nothing of the rest.
        if (!isSettled_)
            report(SLUICE_STATE_CONNECTING, "subscribing",
                   "subscribing at " + options_.broker.text());
        return;
    }
    isSettled_ = true;
    const auto refusals = subscriptions_.refusals();
    if (refusals.empty())
        askRefusedAt_ = Clock::time_point::max();
    else if (askRefusedAt_ == Clock::time_point::max() || Clock::now() >= askRefusedAt_)
        askRefusedAt_ = Clock::now() + refusedRetries_.next();
    if (!problem_.empty()) return report(SLUICE_STATE_DEGRADED, "bad-pattern", problem_);
    if (!refusals.empty()) {
        Fault fault = faultOfSuback(refusals[0].reason, refusals[0].filter, clientId_->text());
        if (refusals.size() > 1)
            fault.text += ", and " + std::to_string(refusals.size() - 1) + " more";
        return report(SLUICE_STATE_DEGRADED, fault.code, fault.text, kRefusedMax);
    }
    report(SLUICE_STATE_RUNNING, "running",
           "connected to " + options_.broker.text() + " as " + clientId_->text() + " with " +
               nameOf(protocol_));
    warnOfGranted();
}

void Session::warnOfGranted() {
    const int granted = subscriptions_.leastGranted();
    if (granted >= options_.qos || hasWarnedOfGranted_) return;
    hasWarnedOfGranted_ = true;
    host_.log(SLUICE_LOG_WARNING, "the broker grants QoS " + std::to_string(granted) +
                                      " only, although qos is " + std::to_string(options_.qos));
}

void Session::report(sluice_state state, const std::string& code, const std::string& text,
                     plugin::milliseconds retry) {
    std::string report = std::to_string(state) + code + text;
    if (report == reported_) return;
    reported_ = std::move(report);
    host_.health(state, code, text, retry);
}

}  // namespace sluice::mqtt
