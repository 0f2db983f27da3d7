#include "mapping/MessageTest.h"

#include <algorithm>
#include <utility>

#include "mapping/JsonDifferences.h"
#include "mapping/MadeEvent.h"
#include "mapping/Mapper.h"
#include "mapping/RuleAccount.h"

namespace sluice {
namespace {

constexpr std::string_view kUnnamedEvent = "message";

/// The beginning of a text, on one line.
std::string inQuotes(std::string_view text) {
    constexpr std::size_t kShownMax = 200;
    std::string quoted{"'"};
    for (const char c : text.substr(0, kShownMax)) {
        if (c == '\n')
            quoted += "\\n";
        else
            quoted += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
    return quoted += text.size() > kShownMax ? "...'" : "'";
}

/// The name that counts: browsers call an event without one "message".
std::string_view eventName(std::string_view name) {
    return name.empty() ? kUnnamedEvent : name;
}

std::string textOf(const MadeEvent& event) {
    std::string shown = "channel " + inQuotes(event.channel);
    if (!event.event.empty()) shown += ", event " + inQuotes(event.event);
    if (!event.key.empty()) shown += ", key " + inQuotes(event.key);
    return shown + ", data " + inQuotes(event.data);
}

/// One test while it runs.
class TestRun {
  public:
    TestRun(const std::shared_ptr<const MappingTable>& table, const MessageTest& test)
        : table_{*table}, test_{test}, mapper_{table, test.given.input} {
        const LentMessage lent{test.given};
        mapper_.map(lent.message(), batch_, outcome_);
        came_ = madeEvents(batch_);
    }

    std::vector<TestFailure> failures() {
        if (test_.expects == MessageTest::Expects::Unmatched)
            expect(outcome_.unmatched > 0, "a mapping should not take this topic");
        else if (test_.expects == MessageTest::Expects::Rejected)
            expect(outcome_.rejected[static_cast<std::size_t>(test_.rejection)] > 0,
                   "the message should be rejected{" + std::string{nameOf(test_.rejection)} + "}");
        else if (test_.events.empty())
            expect(outcome_.filtered > 0, "the message should be filtered");
        else
            compareEvents();
        return std::move(failures_);
    }

  private:
    void expect(bool isSo, const std::string& what) {
        if (!isSo) tell(test_.mark, what + ", but " + fate());
    }

    /// What became of the message, and why.
    std::string fate() {
        if (outcome_.unmatched > 0) return outcome_.notes.front();
        if (!came_.empty() && outcome_.mapped > 0) {
            std::string text = "it gave " + std::to_string(came_.size()) +
                               (came_.size() == 1 ? " event:" : " events:");
            for (const MadeEvent& came : came_)
                text += (&came == &came_.front() ? " " : "; ") + textOf(came);
            return text;
        }
        if (outcome_.samples.empty()) return "it was filtered" + whyFiltered();
        const RejectedSample& sample = outcome_.samples.front();
        const SourceMark& mark = table_.rules()[sample.mapping - 1].mark;
        return "it was rejected{" + std::string{nameOf(sample.reason)} + "} by the mapping at " +
               placeOf(mark) + ": " + sample.text;
    }

    /// Of the first mapping that took the topic: " by the mapping at f:9:5: payload.a > 0 is false
    /// (payload.a = 0)".
    std::string whyFiltered() {
        const LentMessage lent{test_.given};
        for (const RuleAccount& account : mapper_.explain(lent.message())) {
            std::string text = " by the mapping at " + placeOf(account.rule->mark);
            if (!account.when) return text;
            for (const Reasoning::Part& part : account.when->deciding) {
                text += (&part == &account.when->deciding.front() ? ": " : ", ") + part.text +
                        " is " + part.value;
                for (const auto& [name, value] : part.variables)
                    text += " (" + name + " = " + value + ")";
            }
            return text;
        }
        return {};
    }

    void compareEvents() {
        if (came_.size() == test_.events.size()) {
            for (std::size_t i = 0; i < came_.size(); ++i) compare(test_.events[i], came_[i], true);
            return;
        }
        // Some are missing or too many: the others stay in order.
        std::size_t next = 0;
        for (const ExpectedEvent& expected : test_.events) {
            std::size_t found = next;
            while (found < came_.size() && !compare(expected, came_[found], false)) ++found;
            if (found == came_.size()) {
                tell(placeIn(expected, ""), "this event did not come; " + fate());
                continue;
            }
            tellExtra(next, found);
            next = found + 1;
        }
        tellExtra(next, came_.size());
    }

    void tellExtra(std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            tell(test_.mark, "an event came that is not expected: " + textOf(came_[i]));
    }

    /// Whether the event is as expected; tells what is not, if asked to.
    bool compare(const ExpectedEvent& expected, const MadeEvent& came, bool tells) {
        const auto same = [&](const char* part, std::string_view wanted, std::string_view is) {
            if (wanted == is) return true;
            if (tells)
                tell(placeIn(expected, part),
                     inQuotes(part) + " is " + inQuotes(is) + ", not " + inQuotes(wanted));
            return false;
        };
        bool isSame = same("channel", expected.channel, came.channel);
        if (expected.event)
            isSame = same("event", eventName(*expected.event), eventName(came.event)) && isSame;
        if (expected.key) isSame = same("key", *expected.key, came.key) && isSame;
        return (!expected.data || compareData(expected, came.data, tells)) && isSame;
    }

    bool compareData(const ExpectedEvent& expected, const std::string& came, bool tells) {
        const ExpectedData& data = *expected.data;
        if (data.text == came) return true;
        const std::optional<Json> json = data.json ? Json::parse(came) : std::nullopt;
        if (!json) {
            const std::string wanted = data.text ? *data.text : data.json->compact();
            if (tells)
                tell(placeIn(expected, "data"),
                     "'data' is " + inQuotes(came) + ", not " + inQuotes(wanted));
            return false;
        }
        const auto found = differences(*data.json, *json, kTestFailuresMax);
        if (tells)
            for (const JsonDifference& one : found)
                tell(placeIn(expected, "data" + one.path), "data" + one.path + " " + one.text);
        return found.empty();
    }

    /// Where a part is expected, or the nearest thing around it.
    const SourceMark& placeIn(const ExpectedEvent& expected, std::string path) const {
        for (;;) {
            const auto found = expected.places.find(path);
            if (found != expected.places.end()) return found->second;
            if (path.empty()) return test_.mark;
            const std::size_t step = path.find_last_of(".[");
            path.resize(step == std::string::npos ? 0 : step);
        }
    }

    void tell(const SourceMark& mark, std::string message) {
        if (failures_.size() < kTestFailuresMax) failures_.push_back({mark, std::move(message)});
    }

    const MappingTable& table_;
    const MessageTest& test_;
    Mapper mapper_;
    EventBatch batch_;
    MapOutcome outcome_;
    std::vector<MadeEvent> came_;
    std::vector<TestFailure> failures_;
};

}  // namespace

std::vector<TestFailure> runTest(const std::shared_ptr<const MappingTable>& table,
                                 const MessageTest& test) {
    return TestRun{table, test}.failures();
}

}  // namespace sluice
