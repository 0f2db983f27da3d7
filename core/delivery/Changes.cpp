#include "delivery/Changes.h"

#include <algorithm>

namespace sluice {

using State = ChangeOutcome::State;

namespace {

bool isLiteral(const std::string& channel) {
    const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
    return pattern && pattern->isLiteral();
}

}  // namespace

void Changes::add(StreamChange change) {
    Waiting waiting{std::move(change), nullptr, nullptr, time_.ms() + kChangeWaitMs, {}};
    const Subscriber* const subscriber = herds_.numbers().find(waiting.change.stream);
    if (!subscriber) return refuse(waiting, State::Gone);
    if (choose(waiting, *subscriber)) waiting_.push_back(std::move(waiting));
}

/// Finds what the stream is going to have. False: refused.
bool Changes::choose(Waiting& waiting, const Subscriber& subscriber) {
    const StreamChange& change = waiting.change;
    SubscriptionSpec spec = subscriber.subscription->spec;
    for (const std::string& channel : change.remove) std::erase(spec.channels, channel);
    spec.channels.insert(spec.channels.end(), change.add.begin(), change.add.end());
    std::sort(spec.channels.begin(), spec.channels.end());
    spec.channels.erase(std::unique(spec.channels.begin(), spec.channels.end()),
                        spec.channels.end());
    State state = State::Done;
    if (change.authority && !isAllowed(change, subscriber, spec, waiting.refused)) {
        refuse(waiting, waiting.refused.empty() ? State::NotYours : State::NotAllowed);
        return false;
    }
    if (spec.filter && !change.addedAllowFilters) state = State::FilterNotAllowed;
    if (spec.channels.empty()) state = State::None;
    if (spec.channels.size() > change.channelsMax) state = State::TooMany;
    SubscriptionState* const next = state == State::Done ? subscriptions_.obtain(spec) : nullptr;
    if (!next) {
        refuse(waiting, state == State::Done ? State::NoRoom : state);
        return false;
    }
    ++next->subscribers;
    waiting.next = next;
    waiting.before = subscriber.subscription;
    return true;
}

/// Whether he may who asks; also gives the patterns his guard. `refused` is the channel that he may
/// not have, empty where it is the stream.
bool Changes::isAllowed(const StreamChange& change, const Subscriber& subscriber,
                        SubscriptionSpec& spec, std::string& refused) {
    const ChangeAuthority& authority = *change.authority;
    if (!subscriber.admission || !authority.admission ||
        subscriber.admission->source != authority.admission->source ||
        subscriber.admission->subject != authority.admission->subject)
        return false;
    bool hasPatterns = false;
    for (const std::string& channel : spec.channels) {
        hasPatterns = hasPatterns || !isLiteral(channel);
        if (!authority.renews || authority.guard->reaches(channel)) continue;
        refused = channel;
        return false;
    }
    spec.guard = hasPatterns ? authority.guard : nullptr;
    return true;
}

std::size_t Changes::apply() {
    const std::size_t before = waiting_.size() + std::exchange(refused_, 0);
    std::vector<Waiting> waiting = std::exchange(waiting_, {});
    for (Waiting& one : waiting)
        if (!finish(one)) waiting_.push_back(std::move(one));
    return before - waiting_.size();
}

/// False: it has to wait.
bool Changes::finish(Waiting& waiting) {
    Subscriber* const subscriber = herds_.numbers().find(waiting.change.stream);
    if (!subscriber) {
        release(waiting);
        waiting.change.answer({State::Gone, {}});
        return true;
    }
    if (subscriber->subscription != waiting.before) {
        // Another change came first: this one starts from what that made.
        release(waiting);
        const std::size_t refused = refused_;
        if (!choose(waiting, *subscriber)) {
            refused_ = refused;
            return true;
        }
        return false;
    }
    if (subscriber->subscription == waiting.next || herds_.move(*subscriber, *waiting.next)) {
        if (waiting.change.authority) admit(*subscriber, waiting.change);
        waiting.change.answer({State::Done, waiting.next->spec.channels});
        release(waiting);
        return true;
    }
    if (time_.ms() < waiting.deadlineMs) return false;
    release(waiting);
    waiting.change.answer({State::Behind, {}});
    return true;
}

void Changes::admit(Subscriber& subscriber, StreamChange& change) {
    ChangeAuthority& authority = *change.authority;
    if (!authority.renews) {
        if (change.add.empty()) return;
        auto joined = std::make_unique<AdmissionState>(*subscriber.admission);
        joined->join(*authority.admission);
        authority.admission = std::move(joined);
    }
    herds_.renew(subscriber, std::move(authority.admission));
}

void Changes::release(Waiting& waiting) {
    --waiting.next->subscribers;
    subscriptions_.retire(*waiting.next);
}

void Changes::refuse(Waiting& waiting, State state) {
    ++refused_;
    std::vector<std::string> channels;
    if (state == State::NotAllowed) channels.push_back(waiting.refused);
    waiting.change.answer({state, std::move(channels)});
}

}  // namespace sluice
