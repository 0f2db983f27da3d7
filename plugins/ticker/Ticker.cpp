#include "Ticker.h"

#include <algorithm>
#include <stdexcept>

#include "Stories.h"

namespace sluice::ticker {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

constexpr std::size_t kBatchMessages = 1'000;
constexpr std::size_t kBatchBytes = 1u << 20;
/// Fast tickers push this often: what is due meanwhile goes together.
constexpr std::int64_t kQuantumUs = 200;

std::int64_t nowUs() {
    return std::chrono::duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

/// How many of 0..below are `residue` modulo `modulus`.
std::uint64_t countOf(std::uint64_t below, std::uint64_t residue, std::uint64_t modulus) {
    return below > residue ? (below - residue + modulus - 1) / modulus : 0;
}

}  // namespace

Ticker::Ticker(plugin::Host& host) : host_{host}, options_{readOptions(host)} {
    if (!options_.replayable) host.plain();
}

Ticker::~Ticker() {
    stop(plugin::milliseconds{0});
}

void Ticker::check(plugin::Host& host) {
    readOptions(host);
}

void Ticker::watch(std::span<const plugin::Pattern>) {
    // All topics come anyway: the host counts those that no mapping takes.
}

void Ticker::start(std::span<const sluice_start_position> positions, plugin::milliseconds rewind) {
    baseUs_ = options_.replayable && options_.count == 0 ? 0 : nowUs();
    first_ = options_.replayable ? firstOf(positions, rewind) : 0;
    // A finite source goes on at once, wherever it does.
    if (options_.count > 0) baseUs_ -= dueUs(first_) - baseUs_;
    if (options_.replayable)
        for (std::size_t topic = 0; topic < options_.topics.size(); ++topic)
            declare(topic, &first_);
    host_.health(SLUICE_STATE_RUNNING, "", "");
    thread_ = std::thread{[this] { host_.runThread("ticking", [this] { run(); }); }};
}

void Ticker::stop(plugin::milliseconds) {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Ticker::query(std::span<const sluice_text> families) {
    for (const sluice_text& family : families) {
        const auto& topics = options_.topics;
        const auto found = std::find(topics.begin(), topics.end(), plugin::view(family));
        if (!options_.replayable || found == topics.end())
            host_.lanes(plugin::view(family), {});
        else
            declare(static_cast<std::size_t>(found - topics.begin()), nullptr);
    }
}

// -- the ticking thread

void Ticker::run() {
    const std::uint64_t last = options_.count == 0 ? ~std::uint64_t{0} : options_.count;
    for (std::uint64_t k = first_; k < last;) {
        if (!waitUntilDue(k)) return;
        const std::uint64_t end = std::min(last, dueBy(nowUs()));
        while (k < end) {
            k = pushDue(k, end);
            const std::lock_guard lock{mutex_};
            if (stopping_) return;
        }
    }
    host_.log(SLUICE_LOG_INFO, "all " + std::to_string(last) + " messages were sent");
}

/// False if the instance is to stop.
bool Ticker::waitUntilDue(std::uint64_t k) {
    const std::int64_t lackUs = dueUs(k) - nowUs();
    std::unique_lock lock{mutex_};
    if (stopping_ || lackUs <= 0) return !stopping_;
    const microseconds wait{std::max(lackUs, kQuantumUs)};
    stopped_.wait_for(lock, wait, [this] { return stopping_; });
    return !stopping_;
}

/// Pushes messages from k on, at most a batch and not beyond `end`; returns the next.
std::uint64_t Ticker::pushDue(std::uint64_t k, std::uint64_t end) {
    texts_.clear();
    written_.clear();
    const std::uint64_t begin = k;
    for (; k < end && written_.size() < kBatchMessages && texts_.size() < kBatchBytes; ++k) {
        const Place place = placeOf(k);
        write({place.n, place.topic, dueUs(k)});
    }
    // The texts lie still from here on.
    const std::string_view texts = texts_;
    for (std::size_t i = 0; i < written_.size(); ++i) {
        const Place place = placeOf(begin + i);
        const auto [key, payload, isTombstone] = written_[i];
        const std::size_t next = i + 1 < written_.size() ? written_[i + 1].keyBegin : texts.size();
        auto message = batch_.add(topicName(place.topic));
        message.key(texts.substr(key, payload - key)).timeMs(dueUs(begin + i) / 1'000);
        if (isTombstone)
            message.tombstone();
        else
            message.payload(texts.substr(payload, next - payload));
        if (options_.replayable)
            message.lane(topicName(place.topic), place.partition, place.position);
    }
    host_.push(batch_);
    return k;
}

void Ticker::write(const Tick& tick) {
    const std::size_t keyBegin = texts_.size();
    appendKey(texts_, options_, tick);
    const bool isTombstone = isRefund(options_, tick);
    written_.push_back({keyBegin, texts_.size(), isTombstone});
    if (!isTombstone) appendPayload(texts_, options_, tick);
}

// -- where messages stand

Ticker::Place Ticker::placeOf(std::uint64_t k) const {
    const std::uint64_t topics = options_.topics.size();
    const std::uint64_t n = k / topics;
    return {k % topics, n, n / options_.partitions,
            static_cast<std::uint32_t>(n % options_.partitions)};
}

std::int64_t Ticker::dueUs(std::uint64_t k) const {
    return baseUs_ + static_cast<std::int64_t>(static_cast<double>(k) * (1e6 / options_.rate));
}

/// How many messages are due by then.
std::uint64_t Ticker::dueBy(std::int64_t unixUs) const {
    if (unixUs < baseUs_) return 0;
    auto k =
        static_cast<std::uint64_t>(static_cast<double>(unixUs - baseUs_) * options_.rate / 1e6);
    while (dueUs(k) <= unixUs) ++k;
    while (k > 0 && dueUs(k - 1) > unixUs) --k;
    return k;
}

/// A finite source is there as a whole: it is only handed out at its rate.
std::uint64_t Ticker::end() const {
    return options_.count > 0 ? options_.count : dueBy(nowUs());
}

std::uint64_t Ticker::low() const {
    if (options_.count > 0) return 0;
    return dueBy(nowUs() - std::chrono::duration_cast<microseconds>(options_.keep).count());
}

std::uint64_t Ticker::firstOf(std::span<const sluice_start_position> positions,
                              plugin::milliseconds rewind) const {
    std::uint64_t first = ~std::uint64_t{0};
    for (const sluice_start_position& position : positions)
        first = std::min(first, indexOf(position));
    if (first != ~std::uint64_t{0}) return first;
    if (options_.count > 0) return 0;
    const std::int64_t rewindUs = std::chrono::duration_cast<microseconds>(rewind).count();
    return std::max(low(), dueBy(nowUs() - rewindUs));
}

/// The message at a position, or the highest number where there is no such lane.
std::uint64_t Ticker::indexOf(const sluice_start_position& position) const {
    const auto& topics = options_.topics;
    const auto found = std::find(topics.begin(), topics.end(), plugin::view(position.lane.family));
    if (found == topics.end()) return ~std::uint64_t{0};
    const auto topic = static_cast<std::uint64_t>(found - topics.begin());
    const std::uint64_t n = position.position.first * options_.partitions + position.lane.index;
    return n * topics.size() + topic;
}

sluice_position Ticker::positionAt(std::size_t topic, std::uint32_t partition,
                                   std::uint64_t k) const {
    const std::uint64_t ofTopic = countOf(k, topic, options_.topics.size());
    return {countOf(ofTopic, partition, options_.partitions), 0};
}

void Ticker::declare(std::size_t topic, const std::uint64_t* start) const {
    const std::uint64_t lowest = low(), last = end();
    std::vector<sluice_lane_ends> ends(options_.partitions);
    for (std::uint32_t partition = 0; partition < options_.partitions; ++partition) {
        sluice_lane_ends& lane = ends[partition];
        lane.flags = SLUICE_ENDS_KNOWN | (start ? SLUICE_ENDS_HAS_START : 0u);
        lane.low = positionAt(topic, partition, lowest);
        lane.end = positionAt(topic, partition, last);
        if (start) lane.start = positionAt(topic, partition, *start);
    }
    host_.lanes(topicName(topic), ends, 1, {}, options_.fingerprint());
}

}  // namespace sluice::ticker

SLUICE_PLUGIN(sluice::ticker::Ticker)
