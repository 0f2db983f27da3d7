#include "PubSub.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::redis {
namespace {

constexpr auto kPart = Health::Part::PubSub;

std::size_t indexOf(bool isGlob) {
    return isGlob ? 1 : 0;
}

}  // namespace

PubSub::PubSub(const plugin::Host& host, const Options& options, Health& health, PlainLane& lane,
               TopicPlan plan)
    : host_(host),
      options_(options),
      health_(health),
      lane_(lane),
      plan_(std::move(plan)),
      hasMissed_(host.continues()) {}

void PubSub::watch(TopicPlan plan) {
    {
        const std::lock_guard lock(mutex_);
        newPlan_ = std::move(plan);
    }
    wake_.raise();
}

void PubSub::run() {
    for (;;) {
        waitForPlan();
        backOff_.attempt();
        try {
            session();
        } catch (const Failure& failure) {
            // Also before the first connection: readers have been waiting since the start.
            hasMissed_ = true;
            const BackOff::Pause pause = backOff_.next();
            health_.failed(kPart, failure.fault(), pause);
            sleepUntil(Clock::now() + pause, stop_);
        }
    }
}

/// Until something is asked for.
void PubSub::waitForPlan() {
    for (takePlan(); !plan_.asksForPubSub(); takePlan()) {
        health_.idle(kPart);
        waitForBytes(wake_.fd(), wake_, stop_, Clock::now() + std::chrono::minutes{1});
    }
}

void PubSub::takePlan() {
    wake_.clear();
    const std::lock_guard lock(mutex_);
    if (!newPlan_) return;
    plan_ = std::move(*newPlan_);
    newPlan_.reset();
}

/// One connection, as long as it lasts and something is asked for.
void PubSub::session() {
    if (!hasMissed_) health_.connecting(kPart);
    connection_.open();
    for (auto& names : asked_) names.clear();
    pending_.clear();
    channels_.clear();
    globs_.clear();
    routes_.clear();
    refused_.clear();
    isPinged_ = false;
    heardAt_ = Clock::now();
    adopt();
    while (plan_.asksForPubSub() || !pending_.empty()) {
        connection_.flush();
        waitAndRead();
        askRefusedAgain();
        keepAlive();
    }
    connection_.close();
}

/// Asks for what the plan names and is not asked for yet, then gives up what it does not name: in
/// this order, so that a channel which goes over from a name to a pattern misses nothing.
void PubSub::adopt() {
    const std::set<std::string> globs(plan_.globs().begin(), plan_.globs().end());
    const std::array wanted = {&plan_.channels(), &globs};
    for (const bool isSubscribe : {true, false})
        for (const Kind kind : {Kind::Channel, Kind::Glob}) {
            const std::set<std::string>& names = *wanted[indexOf(kind == Kind::Glob)];
            const std::set<std::string> asked = asked_[indexOf(kind == Kind::Glob)];
            for (const std::string& name : isSubscribe ? names : asked)
                if (!(isSubscribe ? asked : names).contains(name)) change(kind, isSubscribe, name);
        }
}

/// One command per name: a refusal then tells which one it is about.
void PubSub::change(Kind kind, bool isSubscribe, const std::string& name) {
    const bool isGlob = kind == Kind::Glob;
    if (isSubscribe)
        connection_.put({isGlob ? "PSUBSCRIBE" : "SUBSCRIBE", name});
    else
        connection_.put({isGlob ? "PUNSUBSCRIBE" : "UNSUBSCRIBE", name});
    pending_.push_back({kind, isSubscribe, name});
    std::set<std::string>& asked = asked_[indexOf(isGlob)];
    if (isSubscribe) {
        asked.insert(name);
        return;
    }
    asked.erase(name);
    std::erase_if(refused_, [&](const Command& command) {
        return command.kind == kind && command.name == name;
    });
}

/// What a user may do can be changed while we are connected.
void PubSub::askRefusedAgain() {
    if (refused_.empty() || !pending_.empty() || Clock::now() - refusedAt_ < kRefusedAgain) return;
    const std::vector<Command> again = std::exchange(refused_, {});
    for (const Command& command : again) change(command.kind, true, command.name);
}

void PubSub::waitAndRead() {
    Ready ready{connection_.hasPending(), false};
    if (!ready.bytes) ready = waitForBytes(connection_.fd(), wake_, stop_, deadline());
    if (ready.woken) {
        takePlan();
        routes_.clear();
        adopt();
        if (pending_.empty()) answered();
    }
    if (ready.bytes) read();
}

/// When silence must end.
PubSub::Clock::time_point PubSub::deadline() const {
    const bool isAnswerDue = isPinged_ || !pending_.empty();
    return heardAt_ + (isAnswerDue ? options_.timeout : options_.keepalive);
}

/// A connection that is dead at the other end only shows by asking.
void PubSub::keepAlive() {
    const auto now = Clock::now();
    if (now < deadline()) return;
    if (isPinged_ || !pending_.empty())
        connection_.fail({Fault::Weight::Silent, "no-answer", options_.shown + " does not answer"});
    connection_.put({"PING"});
    isPinged_ = true;
    heardAt_ = now;
}

void PubSub::read() {
    do {
        if (!connection_.take()) break;
        heardAt_ = Clock::now();
        isPinged_ = false;
        while (const Reply* const reply = connection_.next()) handle(*reply);
    } while (connection_.hasPending() && batch_.size() < kBatchMax);
    if (!batch_.empty()) lane_.push(batch_);
    connection_.forget();
}

void PubSub::handle(const Reply& reply) {
    if (reply.kind == Reply::Kind::Error) return handleRefusal(reply.text);
    if (!reply.isArray(2)) return;  // +PONG, where nothing is subscribed to
    const std::string_view what = reply.items[0].text;
    if (what == "message" && reply.isArray(3))
        add(reply.items[1], reply.items[2]);
    else if (what == "pmessage" && reply.isArray(4)) {
        if (isOwner(reply.items[1].text, reply.items[2].text)) add(reply.items[2], reply.items[3]);
    } else if (what.ends_with("subscribe")) {
        handleConfirmation(reply);
    }
    if (batch_.size() >= kBatchMax) lane_.push(batch_);
}

void PubSub::handleConfirmation(const Reply& reply) {
    const std::string_view what = reply.items[0].text;
    const std::string name(reply.items[1].text);
    if (what == "subscribe") channels_.insert(name);
    if (what == "unsubscribe") channels_.erase(name);
    if (what == "psubscribe") globs_.push_back(name);
    if (what == "punsubscribe") std::erase(globs_, name);
    routes_.clear();  // its values are views into globs_
    if (!pending_.empty()) pending_.pop_front();
    if (pending_.empty()) answered();
}

void PubSub::handleRefusal(std::string_view error) {
    Fault fault = describe(error, options_);
    if (isOfServer(fault) || pending_.empty()) connection_.fail(std::move(fault));
    Command command = std::move(pending_.front());
    pending_.pop_front();
    fault.text += ": " + command.name;
    if (refused_.empty()) refusal_ = std::move(fault);
    if (command.isSubscribe) refused_.push_back(std::move(command));
    refusedAt_ = Clock::now();
    if (pending_.empty()) answered();
}

/// The server has answered all that it was asked.
void PubSub::answered() {
    if (!batch_.empty()) lane_.push(batch_);
    if (std::exchange(hasMissed_, false)) lane_.lost();
    Fault problem;
    if (!refused_.empty()) {
        problem = refusal_;
        if (refused_.size() > 1)
            problem.text += " and " + std::to_string(refused_.size() - 1) + " more";
    }
    health_.running(kPart, std::move(problem));
}

void PubSub::add(const Reply& channel, const Reply& payload) {
    if (channel.kind != Reply::Kind::String || payload.kind != Reply::Kind::String)
        return loseTooLong(channel);
    batch_.add(channel.text).payload(payload.text);
}

/// A message comes once for its channel and once for every glob that takes it: the channel counts,
/// else the first glob. What is confirmed at this point of the stream is what the server went by.
bool PubSub::isOwner(std::string_view glob, std::string_view channel) {
    auto found = routes_.find(channel);
    if (found == routes_.end()) {
        if (routes_.size() >= kRoutesMax) routes_.clear();
        found = routes_.emplace(channel, ownerOf(channel)).first;
    }
    return found->second == glob;
}

/// The glob whose messages of the channel count; empty: none's do.
std::string_view PubSub::ownerOf(std::string_view channel) const {
    if (channels_.contains(channel) || plan_.isStream(channel)) return {};
    const auto found =
        std::ranges::find_if(globs_, [&](const auto& glob) { return globTakes(glob, channel); });
    return found == globs_.end() ? std::string_view{} : std::string_view{*found};
}

void PubSub::loseTooLong(const Reply& channel) {
    if (!batch_.empty()) lane_.push(batch_);
    lane_.lost();
    tooLong_.note(host_, "a message of " + std::string(channel.text.substr(0, 100)));
}

}  // namespace sluice::redis
