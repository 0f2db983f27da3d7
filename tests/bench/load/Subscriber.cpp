#include "Subscriber.h"

#include <charconv>
#include <chrono>
#include <utility>

namespace sluice::bench {
namespace {

// Takes `prefix` and the number behind it off the front of text.
template <typename Number>
bool takeNumber(std::string_view& text, std::string_view prefix, Number& number) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

std::int64_t nowUs() {
    using std::chrono::system_clock;
    const auto since = system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

Subscriber::Subscriber(Tally& tally, std::size_t channel, std::string target,
                       const std::string& host, bool isTls)
    : tally_(tally), channel_(channel), connection_(std::move(target), host, isTls) {}

bool Subscriber::sendRequest() {
    requestSentUs_ = nowUs();
    return connection_.sendRequest() || fail();
}

bool Subscriber::read(char* buffer, std::size_t bufferBytes) {
    // One read per wake-up: a subscriber that always has more must not keep the others waiting.
    const std::ptrdiff_t count = connection_.receive(buffer, bufferBytes);
    if (count <= 0) return count == 0;
    tally_.readAtUs = nowUs();
    const auto bytes = static_cast<std::size_t>(count);
    tally_.receivedBytes += bytes;
    return connection_.take(std::string_view(buffer, bytes), *this) || fail();
}

bool Subscriber::fail() {
    if (tally_.firstProblem.empty()) tally_.firstProblem = connection_.problem();
    return false;
}

void Subscriber::onEvent(const SseEvent& event) {
    std::string_view rest = event.dataHead;
    std::uint64_t seq = 0;
    std::int64_t dueUs = 0;
    if (takeNumber(rest, "{\"seq\":", seq) && takeNumber(rest, ",\"due\":", dueUs)) {
        return onMeasured(seq, dueUs);
    }
    if (!event.type.starts_with("sluice.")) {
        ++tally_.foreign;
        return;
    }
    ++tally_.control;
    if (event.type != "sluice.gap") return;
    if (tally_.gaps++ == 0) tally_.firstGap = event.dataHead;
}

void Subscriber::onMeasured(std::uint64_t seq, std::int64_t dueUs) {
    const bool next = audit_.started() && seq == audit_.next();
    audit_.see(seq);
    if (next) intervalUs_ = dueUs - lastDueUs_;
    if (dueUs > lastDueUs_) lastDueUs_ = dueUs;
    if (dueUs < tally_.startUs || dueUs >= tally_.endUs) return;
    ++tally_.delivered;
    tally_.latency.add(tally_.readAtUs - dueUs);
    Tally::Channel& published = tally_.channels[channel_];
    if (seq < published.first) published.first = seq;
    if (seq > published.last) published.last = seq;
}

bool Subscriber::caughtUp() const {
    return state() == State::kStreaming && lastDueUs_ + intervalUs_ > requestSentUs_;
}

void Subscriber::finish(const Tally::Channel& published) {
    if (published.seen()) audit_.expect(published.first, published.last);
}

}  // namespace sluice::bench
