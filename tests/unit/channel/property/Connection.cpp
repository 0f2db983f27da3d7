#include "Connection.h"

#include <algorithm>
#include <stdexcept>

namespace sluice::property {
namespace {

constexpr std::size_t kMuch = 1u << 20;
constexpr std::string_view kGapLine = "event: sluice.gap\n";
constexpr std::string_view kGapComment = "\n: sluice.gap ";

bool isPattern(const std::string& channel) {
    return channel.find('{') != std::string::npos;
}

Pattern patternOf(const std::string& channel) {
    std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
    if (!pattern) throw std::invalid_argument{"no pattern: " + channel};
    return *pattern;
}

std::size_t count(std::string_view bytes, std::string_view word) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = bytes.find(word, at)) != std::string_view::npos; ++found)
        at += word.size();
    return found;
}

/// The blocks of `bytes` without position blocks, ids cut down to their class and seq: what a
/// reader sees of them whatever the write's length was.
std::string essence(std::string_view bytes) {
    std::string essence;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = std::min(bytes.find("\n\n", at), bytes.size());
        const std::string_view block = bytes.substr(at, end - at);
        at = std::min(end + 2, bytes.size());
        if (block.find(": sluice.at") != std::string_view::npos) continue;
        const std::size_t id = block.rfind("\nid: ");
        const std::size_t lines = std::min(block.find_first_of("ed:"), block.size());
        essence += block.substr(lines, id == std::string_view::npos ? id : id - lines);
        essence += "\n\n";
    }
    return essence;
}

}  // namespace

Connection::Connection(Node& node, LoopIndex loop, const Asking& asking, Random& random, Pace pace)
    : node_{node}, loop_{loop}, spec_{asking.spec} {
    watch();
    snapshot(true);
    feed_ = makeFeed(spec_, now_, node_);
    const ResumeRequest request{asking.id, asking.start, asking.limit};
    const std::vector<std::uint32_t> hashes =
        familiesToAsk(request, feed_, now_, node_.hub().epoch());
    if (!hashes.empty() && (pace == Pace::Calm || random.chance(80))) {
        ask(hashes);
        disturb(random, pace, 40);
        snapshot(true);
        if (!feed_.isCurrent(now_, node_)) feed_ = makeFeed(spec_, now_, node_);
    }
    look(0, random, pace);
    stream_ = resume(request, context(kMuch, false));
    isResumed_ = true;
    if (!asking.id && asking.start.kind == Start::Kind::Earliest) noteFirstKept();
    if (pace == Pace::Restless && asking.id && random.chance(20)) checkTwin(request);
    ends_.reset();
}

Connection::~Connection() {
    for (const std::string& channel : spec_.channels)
        if (isPattern(channel)) node_.hub().unwatchPattern(loop_, patternOf(channel));
    for (ChannelLog* const log : logs_) node_.hub().unwatch(loop_, *log);
}

void Connection::watch() {
    for (const std::string& channel : spec_.channels) {
        if (isPattern(channel)) {
            std::vector<ChannelLog*> matches;
            if (!node_.hub().watchPattern(loop_, patternOf(channel), matches))
                throw Violation{"a pattern that takes few channels was refused"};
            for (ChannelLog* const log : matches)
                if (std::find(logs_.begin(), logs_.end(), log) == logs_.end()) logs_.push_back(log);
        } else {
            ChannelLog* const log = node_.hub().watch(loop_, channel);
            if (!log) throw Violation{"no interest though interestsMax is not reached"};
            if (std::find(logs_.begin(), logs_.end(), log) == logs_.end()) logs_.push_back(log);
        }
    }
    names_.reserve(kChannels + 1);
    for (const ChannelLog* const log : logs_) {
        names_.push_back(log->name());
        views_.push_back({names_.back(), log, {}, false});
    }
}

void Connection::takeBorn(const std::vector<ChannelLog*>& born) {
    for (ChannelLog* const log : born) {
        if (std::find(logs_.begin(), logs_.end(), log) != logs_.end()) continue;
        logs_.push_back(log);
        names_.push_back(log->name());
        views_.push_back({names_.back(), log, {}, isResumed_});
    }
}

void Connection::snapshot(bool ofTheLoop) {
    if (ofTheLoop) {
        work_.dirty.clear();
        work_.born.clear();
        work_.everything = false;
        node_.hub().collect(loop_, work_, now_);
        takeBorn(work_.born);
    } else {
        node_.hub().snapshot(now_);
    }
    incarnationsNow_ = node_.incarnations();
}

// Whoever asks for the earliest gets what is kept, and is told nothing of what was gone before. The
// cut says so itself but for the plain lane, whose place is the seq.
void Connection::noteFirstKept() {
    std::uint64_t first = now_.horizon + 1;
    for (const ChannelView& view : views_)
        if (!view.view.parts.empty())
            first = std::min(first, view.view.parts[0].segment->record(0).seq);
    earliestPlain = {{first, 0}, 0};
}

void Connection::refit() {
    if (feed_.isCurrent(now_, node_)) return;
    Feed fresh = makeFeed(spec_, now_, node_);
    stream_.refit(feed_, fresh, now_);
    feed_ = std::move(fresh);
}

void Connection::ask(const std::vector<std::uint32_t>& hashes) {
    node_.query(hashes, [this](SourceEnds answer) { ends_ = std::move(answer); });
}

void Connection::look(std::uint64_t after, Random& random, Pace pace) {
    for (ChannelView& view : views_) {
        disturb(random, pace, 10);
        view.log->view(after, view.view);
    }
}

void Connection::disturb(Random& random, Pace pace, unsigned percent) {
    if (pace == Pace::Calm || !random.chance(percent)) return;
    node_.disturb(random);
    wasDisturbed_ = true;
}

TurnContext Connection::context(std::size_t quantumBytes, bool pingDue) const {
    return {.spec = spec_,
            .feed = feed_,
            .hub = now_,
            .channels = views_,
            .epoch = node_.hub().epoch(),
            .ends = ends_ ? &*ends_ : nullptr,
            .mayReplay = node_.replays(),
            .replay = replayView_ ? &*replayView_ : nullptr,
            .quantumBytes = quantumBytes,
            .itemsAtOnce = itemsAtOnce_,
            .pingDue = pingDue};
}

bool Connection::isAtRest() const {
    return stream_.isLive() && rest_.empty() && !wantsTurn_ && stream_.cursor() == now_.horizon;
}

void Connection::turn(Random& random, Pace pace, bool pingDue) {
    if (sendsRest(random, pace) || stream_.hasEnded()) return;
    const bool wasWoken = node_.takeWoken(loop_);
    wasDisturbed_ = false;
    feedReplay(random, pace);
    snapshot(true);
    const bool hadWork =
        wantsTurn_ || !work_.dirty.empty() || !work_.born.empty() || work_.everything;
    if (hadWork && !wantsTurn_ && !wasWoken) throw Violation{"work for a loop that was not woken"};
    refit();
    const std::vector<std::uint32_t> hashes = stream_.familiesToAsk(feed_, now_);
    const bool hadAnswer = ends_.has_value();
    if (!hashes.empty() && !ends_ && (pace == Pace::Calm || random.chance(50))) {
        ask(hashes);
        disturb(random, pace, 30);
    }
    disturb(random, pace, 20);
    look(stream_.neededFrom(feed_, now_, ends_.has_value()), random, pace);
    itemsAtOnce_ = 1 + static_cast<std::size_t>(out_.events % 4);
    const std::size_t quantum =
        pace == Pace::Calm ? kMuch : random.oneOf<std::size_t>({1, 150, 400, kMuch, kMuch});
    out_.clear();
    if (replay_) replayView_ = replay_->view();
    sluice::turn(stream_, context(quantum, pingDue), out_);
    const bool hadReplay = replay_ != nullptr;
    replayView_.reset();
    if (!hadAnswer && !ends_ && !wasDisturbed_) checkIdle(hadWork);
    if (pace == Pace::Restless && out_.blocks.size() > 1 && !hadReplay && random.chance(10))
        checkContinuation(random);
    wantsTurn_ = out_.more;
    goOnReplaying(random, pace);
    ends_.reset();
    send(random, pace);
}

// As delivery does it: the stream is its cursor, and nothing of it is about channels.
void Connection::change(const SubscriptionSpec& spec) {
    const std::vector<ChannelLog*> before = std::exchange(logs_, {});
    spec_ = spec;
    names_.clear();
    views_.clear();
    watch();
    for (ChannelLog* const log : before)
        if (std::find(logs_.begin(), logs_.end(), log) == logs_.end())
            node_.hub().unwatch(loop_, *log);
    feed_ = makeFeed(spec_, now_, node_);
}

void Connection::farewell(Random& random) {
    wire += std::exchange(rest_, {});
    if (stream_.hasEnded()) return;
    snapshot(true);
    refit();
    look(stream_.neededFrom(feed_, now_, false), random, Pace::Restless);
    out_.clear();
    stream_.farewell(context(kMuch, false), 2'000, out_);
    write(out_.bytes);
}

bool Connection::sendsRest(Random& random, Pace pace) {
    if (rest_.empty()) return false;
    const std::size_t taken = pace == Pace::Calm
                                  ? rest_.size()
                                  : random.between(1, static_cast<std::uint32_t>(rest_.size()));
    wire.append(rest_, 0, taken);
    rest_.erase(0, taken);
    return !rest_.empty();
}

// The socket takes a part of the write: the rest of the block that was cut is kept, and the stream
// goes on from the end of that block.
void Connection::send(Random& random, Pace pace) {
    if (out_.bytes.empty()) return;
    if (out_.blocks.empty() || out_.blocks.back().offset != out_.bytes.size())
        throw Violation{"bytes behind the last block"};
    std::size_t taken = out_.bytes.size();
    if (pace == Pace::Restless && random.chance(25)) taken = random.below(out_.bytes.size());
    std::size_t block = 0;
    while (out_.blocks[block].offset < taken) ++block;
    if (taken == 0 && out_.before && random.chance(50)) {
        stream_ = *out_.before;  // nothing was taken: the turn may be forgotten
        dropReplay();
        wantsTurn_ = true;
        return;
    }
    const std::size_t end = out_.blocks[block].offset;
    write({out_.bytes.data(), end});
    rest_.assign(out_.bytes, taken, end - taken);
    wire.resize(wire.size() - rest_.size());
    if (block + 1 < out_.blocks.size()) {
        stream_ = out_.after(block);
        dropReplay();
        wantsTurn_ = true;
    }
}

void Connection::write(std::string_view bytes) {
    wire += bytes;
    const std::size_t gaps = count(bytes, kGapLine) + count(bytes, kGapComment);
    incarnationsTold.insert(incarnationsTold.end(), gaps, incarnationsNow_);
}

// Whoever waits for its loop's work misses nothing.
void Connection::checkIdle(bool hadWork) const {
    if (hadWork) return;
    if (out_.events > 0) throw Violation{"events for a loop that has no work"};
    for (const std::uint32_t gaps : out_.gaps)
        if (gaps > 0) throw Violation{"gaps for a loop that has no work: " + out_.bytes};
}

// Property 4: from the end of any block, at the same horizon, the rest reads the same.
void Connection::checkContinuation(Random& random) {
    if (spec_.framing == Framing::Chunked) return;
    const std::size_t block = random.below(out_.blocks.size() - 1);
    Stream resumed = out_.after(block);
    Stream whole = stream_;
    TurnOutput more;
    std::string expected = out_.bytes.substr(out_.blocks[block].offset);
    for (bool goesOn = out_.more && !whole.hasEnded(); goesOn; goesOn = more.more) {
        more.clear();
        sluice::turn(whole, context(kMuch, false), more);
        expected += more.bytes;
    }
    std::string bytes;
    do {
        more.clear();
        sluice::turn(resumed, context(kMuch, false), more);
        bytes += more.bytes;
    } while (more.more && !resumed.hasEnded());
    if (essence(bytes) != essence(expected))
        throw Violation{"continued after block " + std::to_string(block) + " it reads\n" +
                        essence(bytes) + "instead of\n" + essence(expected)};
}

// Property 3: whatever cursor resume finds over the bases, the bytes are those of cursor 0. With
// bases that nothing is below there is no other cursor to find.
void Connection::checkTwin(const ResumeRequest& request) {
    std::vector<ChannelView> baseless = views_;
    const auto infinite = std::make_shared<BaseCut>(
        now_.next.size(), Place{{~std::uint64_t{0}, ~std::uint64_t{0}}, 0});
    for (ChannelView& view : baseless)
        for (LogView::Part& part : view.view.parts) part.base = infinite;
    TurnContext context = this->context(kMuch, false);
    Stream here = stream_;
    context.channels = baseless;
    Stream fromZero = resume(request, context);
    context.channels = views_;
    TurnOutput one, other;
    sluice::turn(here, context, one);
    context.itemsAtOnce = 1;
    sluice::turn(fromZero, context, other);
    if (one.bytes != other.bytes || one.more != other.more)
        throw Violation{"from a later cursor it writes\n" + one.bytes + "instead of\n" +
                        other.bytes};
}

}  // namespace sluice::property
