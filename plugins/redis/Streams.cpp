#include "Streams.h"

#include <algorithm>
#include <utility>

#include "GroupReading.h"

namespace sluice::redis {
namespace {

constexpr auto kPart = Health::Part::Streams;

std::string joined(const std::vector<std::string>& names) {
    constexpr std::size_t kNamedMax = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kNamedMax); ++i)
        text.append(i == 0 ? "" : ", ").append(names[i]);
    return names.size() > kNamedMax ? text + " and others" : text;
}

}  // namespace

Streams::Streams(const plugin::Host& host, const Options& options, Health& health, PlainLane& plain,
                 TopicPlan plan, StartPlan start)
    : host_(host), options_(options), health_(health), plan_(std::move(plan)) {
    if (options.group)
        reading_ = std::make_unique<GroupReading>(host, options, asker_, plain);
    else
        reading_ = std::make_unique<LaneReading>(host, options, asker_, std::move(start));
}

void Streams::watch(TopicPlan plan) {
    {
        const std::lock_guard lock(mutex_);
        newPlan_ = std::move(plan);
    }
    wake_.raise();
}

void Streams::query(std::span<const sluice_text> keys) {
    {
        const std::lock_guard lock(mutex_);
        for (const sluice_text key : keys) newQueries_.emplace(plugin::view(key));
    }
    wake_.raise();
}

void Streams::seek(std::uint64_t question, std::int64_t timeMs, std::span<const sluice_text> keys) {
    {
        const std::lock_guard lock(mutex_);
        Question& added = newQuestions_.emplace_back(Question{question, timeMs, {}});
        for (const sluice_text key : keys) added.keys.emplace_back(plugin::view(key));
    }
    wake_.raise();
}

void Streams::run() {
    for (;;) {
        waitForPlan();
        backOff_.attempt();
        try {
            session();
        } catch (const Failure& failure) {
            giveUpQuestions();
            const BackOff::Pause pause = backOff_.next();
            health_.failed(kPart, failure.fault(), pause);
            sleepUntil(Clock::now() + pause, stop_);
        }
    }
}

/// Until something is asked for.
void Streams::waitForPlan() {
    for (takeWishes(); !plan_.asksForStreams(); takeWishes()) {
        leaveUnwanted();
        giveUpQuestions();
        health_.idle(kPart);
        waitForBytes(wake_.fd(), wake_, stop_, Clock::now() + std::chrono::minutes{1});
    }
}

/// True: the plan is another one.
bool Streams::takeWishes() {
    wake_.clear();
    const std::lock_guard lock(mutex_);
    queried_.merge(newQueries_);
    newQueries_.clear();
    questions_.insert(questions_.end(), newQuestions_.begin(), newQuestions_.end());
    newQuestions_.clear();
    if (!newPlan_) return false;
    scanner_.abandon();
    plan_ = std::move(*newPlan_);
    newPlan_.reset();
    isPlanNew_ = true;
    return true;
}

/// As long as the connections last and something is asked for.
void Streams::session() {
    if (known_.empty() && isPlanNew_) health_.connecting(kPart);
    reader_.open();
    asker_.open();
    reading_->connected();
    scanner_.abandon();
    hasReported_ = false;
    lookDue_ = scanDue_ = readDue_ = {};
    while (plan_.asksForStreams()) {
        if (isPlanNew_) adopt();
        scan();
        if (!toLook_.empty()) look({toLook_.begin(), toLook_.end()});
        if (Clock::now() >= lookDue_) lookAtAll();
        answerQueries();
        answerQuestions();
        read();
    }
    reader_.close();
    asker_.close();
}

void Streams::adopt() {
    isPlanNew_ = false;
    leaveUnwanted();
    for (const std::string& key : plan_.keys()) known_.try_emplace(key);
    isFirstSweep_ = true;
    lookDue_ = scanDue_ = {};
}

void Streams::leaveUnwanted() {
    for (auto stream = known_.begin(); stream != known_.end();) {
        if (plan_.wantsStream(stream->first)) {
            ++stream;
            continue;
        }
        reading_->leave(stream->first);
        stream = known_.erase(stream);
    }
}

/// A slice of the search for streams that patterns take.
void Streams::scan() {
    if (!scanner_.isSweeping()) {
        if (plan_.scans().empty()) isFirstSweep_ = false;
        if (plan_.scans().empty() || Clock::now() < scanDue_) return;
        scanner_.begin(plan_);
        isTooMany_ = false;
    }
    std::set<std::string> keys;
    const bool isDone = scanner_.step(keys);
    for (const std::string& key : keys) {
        isTooMany_ = known_.size() >= kStreamsMax && !known_.contains(key);
        if (isTooMany_) break;
        if (known_.try_emplace(key, Known{Place::New, !isFirstSweep_}).second) toLook_.insert(key);
    }
    if (!isDone) return;
    if (std::exchange(isFirstSweep_, false)) lookDue_ = {};
    scanDue_ = Clock::now() + options_.scanInterval;
}

void Streams::lookAtAll() {
    std::vector<std::string> keys;
    for (const auto& [key, known] : known_) keys.push_back(key);
    look(keys);
    lookDue_ = Clock::now() + kRound + kRoundOfEach * static_cast<int>(known_.size());
}

void Streams::look(const std::vector<std::string>& keys) {
    const std::vector<Look> looks = lookAt(asker_, keys, options_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        toLook_.erase(keys[i]);
        if (const auto stream = known_.find(keys[i]); stream != known_.end())
            apply(stream, looks[i]);
    }
    report();
}

void Streams::apply(KnownStreams::iterator stream, const Look& look) {
    const std::string& key = stream->first;
    Known& known = stream->second;
    switch (look.place) {
        case Look::Place::Here:
            known.trouble = {};
            known.place = reading_->see(key, look.info, known.isBorn, known.trouble)
                              ? Place::Here
                              : Place::Troubled;
            return;
        case Look::Place::Missing:
            return lost(stream, Place::Missing, {});
        case Look::Place::WrongType:
            return lost(stream, Place::Troubled, look.fault);
        case Look::Place::Refused:
            reading_->pause(key);
            known.place = Place::Troubled;
            known.trouble = look.fault;
            return;
    }
}

/// The stream is not there. What comes later under its name is another one.
void Streams::lost(KnownStreams::iterator stream, Place place, Fault trouble) {
    Known& known = stream->second;
    reading_->lose(stream->first);
    known = {place, true, std::move(trouble)};
    // One that only a pattern takes is found again by it.
    if (place == Place::Missing && !plan_.keys().contains(stream->first)) known_.erase(stream);
}

void Streams::answerQueries() {
    if (queried_.empty()) return;
    const std::vector<std::string> keys(queried_.begin(), queried_.end());
    queried_.clear();
    const std::vector<Look> looks = lookAt(asker_, keys, options_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto stream = known_.find(keys[i]);
        const bool isRead = stream != known_.end() && stream->second.place == Place::Here;
        if (looks[i].place == Look::Place::Here)
            reading_->answer(keys[i], &looks[i].info);
        else if (looks[i].place == Look::Place::Refused)
            continue;  // it may well be there
        else if (isRead)
            apply(stream, looks[i]);
        else
            reading_->answer(keys[i], nullptr);
    }
}

void Streams::answerQuestions() {
    for (; !questions_.empty(); questions_.erase(questions_.begin())) {
        const Question& question = questions_.front();
        const std::vector<Look> looks = lookAt(asker_, question.keys, options_);
        for (std::size_t i = 0; i < looks.size(); ++i) {
            const std::optional<StreamId> place = looks[i].place == Look::Place::Here
                                                      ? looks[i].info.placeAt(question.timeMs)
                                                      : std::nullopt;
            const sluice_position position = place.value_or(StreamId{}).position();
            expectOk(
                host_.sought(question.id, question.keys[i], std::span(&position, place ? 1u : 0u)));
        }
    }
}

/// They cannot be asked of the server now.
void Streams::giveUpQuestions() {
    for (const Question& question : std::exchange(questions_, {}))
        for (const std::string& key : question.keys) host_.sought(question.id, key, {});
}

void Streams::read() {
    // While keys are searched, reading takes what is there and does not wait.
    const auto block = scanner_.isSweeping() ? std::chrono::milliseconds{0} : kBlock;
    std::vector<std::string> missing;
    for (const auto& [key, known] : known_)
        if (known.place == Place::Missing) missing.push_back(key);
    const bool isAllowed = Clock::now() >= readDue_;
    if (!isAllowed || !reading_->put(reader_, missing, block)) {
        const auto until = std::min(Clock::now() + kBlock, std::max(readDue_, lookDue_));
        if (!scanner_.isSweeping() && waitForBytes(wake_.fd(), wake_, stop_, until).woken)
            takeWishes();
        return;
    }
    reader_.flush();
    waitForReply(block);
}

void Streams::waitForReply(std::chrono::milliseconds block) {
    auto until = Clock::now() + block + options_.timeout;
    for (;;) {
        if (const Reply* const reply = reader_.next()) {
            takeReply(*reply);
            return;
        }
        Ready ready{reader_.hasPending(), false};
        if (!ready.bytes) ready = waitForBytes(reader_.fd(), wake_, stop_, until);
        if (ready.woken) {
            takeWishes();  // another plan is adopted behind this read
            answerQueries();
            answerQuestions();
        }
        if (ready.bytes && reader_.take()) until = Clock::now() + options_.timeout;
        if (Clock::now() >= until)
            reader_.fail({Fault::Weight::Silent, "no-answer", options_.shown + " does not answer"});
    }
}

void Streams::takeReply(const Reply& reply) {
    std::optional<Fault> refusal;
    if (reply.kind == Reply::Kind::Error)
        refusal = describe(reply.text, options_);
    else
        refusal = reading_->take(reply, toLook_);
    reader_.forget();
    if (refusal) return takeRefusal(std::move(*refusal));
    readFailures_ = 0;
    if (!std::exchange(readFault_, {}).code.empty()) report();
}

/// Something is wrong with one of the keys: the next look finds it, and leaves it out.
void Streams::takeRefusal(Fault fault) {
    if (isOfServer(fault)) reader_.fail(std::move(fault));
    reading_->refused(fault);
    lookDue_ = {};
    if (++readFailures_ == 1) return;
    readFault_ = std::move(fault);  // it does not
    readDue_ = Clock::now() + kRefusedRound;
    report();
}

void Streams::report() {
    if (!isFirstSweep_) hasReported_ = true;
    if (hasReported_) health_.running(kPart, problem());
}

Fault Streams::problem() const {
    using enum Fault::Weight;
    if (!readFault_.code.empty()) return readFault_;
    std::vector<std::string> missing;
    for (const auto& [key, known] : known_) {
        if (known.place == Place::Missing) missing.push_back(key);
        if (!known.trouble.code.empty()) return known.trouble;
    }
    if (!missing.empty())
        return {Definite, "stream-missing",
                "not at " + options_.shown + " yet: stream " + joined(missing)};
    if (isTooMany_)
        return {Definite, "too-many-streams",
                "more than " + std::to_string(kStreamsMax) + " streams match"};
    if (known_.empty()) return {Definite, "stream-missing", "no stream matches yet"};
    return {};
}

}  // namespace sluice::redis
