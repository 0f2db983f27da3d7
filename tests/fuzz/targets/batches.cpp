#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "Fuzz.h"
#include "ManualClock.h"
#include "input/CText.h"
#include "input/PluginRun.h"

using namespace sluice;

namespace {

constexpr std::size_t kCallsMax = 24;
constexpr std::size_t kMessagesMax = 12;
constexpr std::size_t kHeadersMax = 600;
constexpr std::string_view kTopics[] = {"orders.eu", "orders.us", "stock", "", "orders.{r}", "x"};

MappingRule rule(const char* from, const char* channel, const char* event, const char* key) {
    return {"in", from, channel, event, key, {}};
}

std::shared_ptr<const MappingTable> table() {
    MappingOptions options;
    options.payloadBytesMax = 500;
    options.rules = {rule("orders.{r}", "orders/{r}/{payload.id}", "{headers.type}", "{key}"),
                     rule("orders.eu", "{topic}", "", "{qos}-{partition}-{offset}"),
                     rule("{any**}", "all/{any}", "", "")};
    options.rules[0].when = "payload.id != 'no' && time > timestamp('1970-01-01T00:00:00Z')";
    options.rules[0].onError = {OnError::Kind::ToChannel, "dead/{topic}"};
    options.rules[1].redact = {"payload.card"};
    const std::vector<MappingInput> inputs{{"in", '.'}};
    std::vector<MappingError> errors;
    auto made = MappingTable::compile(options, inputs, errors);
    for (const MappingError& error : errors)
        if (!error.isWarning) std::fprintf(stderr, "%s\n", error.message.c_str());
    FUZZ_LAW(made);
    return made;
}

class Heard final : public PluginRunListener {
  public:
    void health(InputState state, std::string_view, std::string_view text,
                std::uint32_t) noexcept override {
        FUZZ_LAW(state <= InputState::Failed && text.size() <= 4'096);
    }
    void plain() noexcept override {}
    void plainExcept(const std::vector<std::string>&) noexcept override {}
    void pluginLog(std::uint32_t, std::string_view text) noexcept override {
        FUZZ_LAW(text.size() <= 4'096);
    }
    bool sought(std::uint64_t question, std::string_view, std::vector<Position>) override {
        return question == 1;
    }
    void breach(std::string_view how) noexcept override {
        FUZZ_LAW(!how.empty());
        ++breaches;
    }

    std::size_t breaches = 0;
};

/// What a plugin does, chosen by the bytes: anything that touches no memory but its own.
class HostilePlugin {
  public:
    explicit HostilePlugin(FuzzedDataProvider& bytes) : bytes_{bytes} {
        InputOptions options;
        options.name = "in";
        options.settings.set("a", "1");
        run_ = std::make_unique<PluginRun>(options, &intake_, heard_, &replays_);
    }

    void live() {
        if (bytes_.ConsumeBool()) call();  // too early
        settings();
        run_->open();
        for (std::size_t i = 0; i < kCallsMax && bytes_.remaining_bytes() > 0; ++i) call();
        run_->close();
        const std::uint64_t appended = hub_.counts().appended;
        FUZZ_LAW(push() == SLUICE_CLOSING && hub_.counts().appended == appended);
        for (const ChannelSummary& channel : hub_.channels("", 1'000))
            FUZZ_LAW(isChannelName(channel.name));
    }

  private:
    const sluice_host& host() const { return run_->table(); }

    /// Lives until the next call. Now and then there is no text where a length says there is.
    sluice_text text(std::size_t lengthMax = 64) {
        switch (bytes_.ConsumeIntegralInRange(0, 15)) {
            case 0:
                return {nullptr, bytes_.ConsumeIntegral<std::uint8_t>()};
            case 1:
                texts_.emplace_back(bytes_.ConsumeIntegral<std::uint16_t>(), 'x');
                break;
            default:
                texts_.push_back(bytes_.ConsumeRandomLengthString(lengthMax));
        }
        return textOf(texts_.back());
    }
    sluice_text topic() {
        if (bytes_.ConsumeIntegralInRange(0, 7) == 0) return text();
        return textOf(bytes_.PickValueInArray(kTopics));
    }
    std::uint64_t number() {
        return bytes_.ConsumeBool() ? bytes_.ConsumeIntegralInRange<std::uint64_t>(0, 8)
                                    : bytes_.ConsumeIntegral<std::uint64_t>();
    }
    sluice_position position() {
        return {number(), bytes_.ConsumeIntegralInRange(0, 3) == 0 ? number() : 0};
    }
    sluice_lane lane() {
        const std::uint32_t index = bytes_.ConsumeIntegralInRange<std::uint32_t>(0, 4);
        return {topic(), index == 4 ? bytes_.ConsumeIntegral<std::uint32_t>() : index, 0};
    }
    std::uint64_t replay() { return bytes_.ConsumeIntegralInRange(0, 7) == 0 ? number() : 0; }

    sluice_message message(std::uint32_t size) {
        sluice_message made{};
        made.size = size;
        made.flags = bytes_.ConsumeIntegral<std::uint8_t>();
        made.topic = topic();
        made.lane = lane();
        if (bytes_.ConsumeBool()) made.lane.family = made.topic;
        made.position = position();
        made.key = text();
        made.payload = text(400);
        made.time_ms = bytes_.ConsumeIntegral<std::int64_t>();
        std::size_t count = bytes_.ConsumeIntegralInRange<std::size_t>(0, 5);
        if (count == 5) count = bytes_.ConsumeIntegralInRange<std::size_t>(5, kHeadersMax);
        headers_.emplace_back();
        for (std::size_t i = 0; i < count; ++i)
            headers_.back().push_back({i < 5 ? text() : textOf("type"), i < 5 ? text() : textOf(""),
                                       bytes_.ConsumeIntegral<std::uint8_t>(), 0});
        made.headers = count == 0 ? nullptr : headers_.back().data();
        made.header_count = count;
        variables_.emplace_back();
        count = bytes_.ConsumeIntegralInRange<std::size_t>(0, 3);
        for (std::size_t i = 0; i < count; ++i)
            variables_.back().push_back({bytes_.ConsumeBool() ? textOf("qos") : text(), text()});
        made.variables = count == 0 ? nullptr : variables_.back().data();
        made.variable_count = count;
        if (bytes_.ConsumeIntegralInRange(0, 31) == 0) made.headers = nullptr;
        return made;
    }

    sluice_result push() {
        constexpr std::uint32_t kOwn = sizeof(sluice_message);
        const std::uint32_t size = bytes_.PickValueInArray<std::uint32_t>(
            {kOwn, kOwn, kOwn, kOwn, kOwn + 8, kOwn + 64, kOwn - 8, 8, 0, kOwn + 1});
        const std::size_t stride = std::max(size, kOwn);
        const std::size_t count = bytes_.ConsumeIntegralInRange<std::size_t>(0, kMessagesMax);
        std::vector<std::uint64_t> memory(count * (stride + 7) / 8 + 1);
        auto* const begin = reinterpret_cast<unsigned char*>(memory.data());
        for (std::size_t i = 0; i < count; ++i) {
            sluice_message made = message(size);
            if (bytes_.ConsumeIntegralInRange(0, 31) == 0) made.size = kOwn + 16;
            std::memcpy(begin + i * (size < kOwn ? kOwn : size), &made, sizeof made);
        }
        const bool isTooMany = bytes_.ConsumeIntegralInRange(0, 31) == 0;
        const auto* const messages = reinterpret_cast<const sluice_message*>(begin);
        return host().push(host().context, replay(),
                           bytes_.ConsumeIntegralInRange(0, 31) == 0 ? nullptr : messages,
                           isTooMany ? 65'537 : count);
    }

    sluice_result declare() {
        std::vector<sluice_lane_ends> ends(bytes_.ConsumeIntegralInRange<std::size_t>(0, 5));
        for (sluice_lane_ends& one : ends)
            one = {bytes_.ConsumeIntegral<std::uint8_t>(), 0, position(), position(), position()};
        const bool isNull = bytes_.ConsumeIntegralInRange(0, 15) == 0;
        const auto words = bytes_.ConsumeIntegralInRange<std::uint32_t>(0, 3);
        return host().lanes(host().context, topic(), words, text(), text(),
                            isNull ? nullptr : ends.data(), ends.size());
    }

    sluice_result answerSeek() {
        std::vector<sluice_position> positions(bytes_.ConsumeIntegralInRange<std::size_t>(0, 5));
        for (sluice_position& one : positions) one = position();
        return host().sought(host().context, number(), topic(),
                             bytes_.ConsumeBool() ? positions.data() : nullptr, positions.size());
    }

    /// A call that breaks the contract has no effect, and one that is refused was told.
    void call() {
        const std::uint64_t appended = hub_.counts().appended;
        const std::size_t breaches = heard_.breaches;
        sluice_result result = SLUICE_OK;
        const bool isPush = bytes_.ConsumeBool();
        switch (isPush ? 0 : bytes_.ConsumeIntegralInRange(1, 6)) {
            case 0:
                result = push();
                break;
            case 1:
                result = declare();
                break;
            case 2:
                result = host().lost(host().context, replay(), lane(), position(), position(),
                                     bytes_.ConsumeIntegralInRange<std::uint32_t>(0, 3));
                break;
            case 3:
                result = host().at(host().context, replay(), lane(), position());
                break;
            case 4:
                answerSeek();
                break;
            case 5:
                host().health(host().context, bytes_.ConsumeIntegralInRange<std::uint32_t>(0, 5),
                              text(), text(), 0);
                break;
            default:
                host().log(host().context, bytes_.ConsumeIntegral<std::uint32_t>(), text());
        }
        FUZZ_LAW(result != SLUICE_INVALID || heard_.breaches > breaches);
        if (result != SLUICE_OK) FUZZ_LAW(hub_.counts().appended == appended);
        clock_.advance(std::chrono::milliseconds{1});
        texts_.clear();
        headers_.clear();
        variables_.clear();
    }

    void settings() {
        const std::string pointer = bytes_.ConsumeRandomLengthString(16);
        sluice_text value{};
        host().setting(host().context, pointer.c_str(), &value);
        host().setting_count(host().context, pointer.c_str());
        host().setting_key(host().context, pointer.c_str(), number(), &value);
        host().setting_error(host().context, bytes_.ConsumeBool() ? pointer.c_str() : nullptr,
                             text(), text(), text());
        if (bytes_.ConsumeBool()) host().plain(host().context);
        const std::vector<sluice_text> patterns{text(), text()};
        host().plain_except(host().context, patterns.data(), patterns.size());
    }

    FuzzedDataProvider& bytes_;
    ManualClock clock_;
    Hub hub_{{.historyBytesMax = 1u << 20, .channelsMax = 50}, clock_};
    MappingsInForce mappings_{table(), hub_};
    Intake intake_{"in", hub_, mappings_, clock_,
                   [](std::string_view, const SourceEnds::Family&) {}};
    InputReplays replays_{intake_, std::chrono::seconds{1}, [] {}};
    Heard heard_;
    std::unique_ptr<PluginRun> run_;
    std::deque<std::string> texts_;  // of one call
    std::deque<std::vector<sluice_header>> headers_;
    std::deque<std::vector<sluice_variable>> variables_;
};

}  // namespace

/// What a plugin hands over through the C border, hostile as a caller can be whose memory is its
/// own: it is taken, or refused as a whole and told.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider bytes{data, size};
    HostilePlugin{bytes}.live();
    return 0;
}
