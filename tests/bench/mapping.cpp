#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/Assert.h"
#include "mapping/Mapper.h"

// What mapping a message costs one core: sluice_bench_mapping [ROUNDS [CONTENDER]]. The contenders
// take turns; prints one JSON object: for each its nanoseconds a message, round by round, by the
// clock of the thread, so that others on the machine disturb little.
namespace sluice {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kOrderBytes = 686;
constexpr std::size_t kMessagesEach = 4'000;  // of a contender, in a row
constexpr std::size_t kBatchMessages = 64;

// -- messages

/// A number of so many digits, different for each order.
std::string digits(std::size_t order, std::size_t count) {
    const std::string text = std::to_string((order + 1) * 7'777'777'771 % 9'999'999'967);
    return (std::string(count, '1') + text).substr(text.size());
}

std::string order(std::size_t number) {
    const char* const statuses[] = {"PAID", "SENT", "DONE", "OPEN"};
    const char* const names[] = {"Ada Lovelace", "Grace Hopper", "Alan Mathew ", "Edsger Wybe "};
    std::string json = R"({"orderId":"ORD-2026-)" + digits(number, 8) + R"(","status":")" +
                       statuses[number % 4] + R"(","createdAt":"2026-01-31T12:34:56.)" +
                       digits(number, 3) + R"(Z","customer":{"id":"C-)" + digits(number, 6) +
                       R"(","name":")" + names[number / 4 % 4] + R"(","email":"customer)" +
                       digits(number, 4) +
                       R"(@example.com","country":"DE","tier":"gold"},"currency":"EUR","amount":)" +
                       digits(number, 3) + R"(.90,"tax":20.74,"shipping":4.90,"items":[)";
    for (const char* const item : {R"("Mechanical keyboard","quantity":1,"price":89.95)",
                                   R"("USB-C cable, 2 m","quantity":2,"price":9.99)"})
        json += R"({"sku":"SKU-)" + digits(number, 4) + R"(","name":)" + item + "},";
    json += R"({"sku":"SKU-3003","name":"Desk mat","quantity":1,"price":15.07}],)"
            R"("address":{"street":"Torstrasse 1","city":"Berlin","zip":"10119","country":"DE"},)"
            R"("payment":{"method":"card","last4":")" +
            digits(number, 4) + R"("},"tags":["web"],"note":")";
    SLUICE_ASSERT(json.size() + 2 <= kOrderBytes);
    return json + std::string(kOrderBytes - json.size() - 2, 'n') + R"("})";
}

std::vector<std::string> orders() {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < 16; ++i) made.push_back(order(i));
    return made;
}

// -- rules

MappingRule rule(std::string from) {
    MappingRule made;
    made.input = "in";
    made.from = std::move(from);
    made.channel = "orders/{region}";
    made.event = "order";
    return made;
}

DataText fields(const std::vector<std::pair<std::string, std::string>>& fields) {
    DataText data;
    data.kind = DataText::Kind::Map;
    for (const auto& [name, text] : fields) {
        data.keys.push_back(name);
        data.items.push_back({DataText::Kind::Scalar, text, false, {}, {}});
    }
    return data;
}

MappingRule projection(std::string from, std::string when) {
    MappingRule made = rule(std::move(from));
    made.when = std::move(when);
    made.data = fields({{"id", "{payload.orderId}"},
                        {"total", "{payload.amount}"},
                        {"status", "{payload.status}"},
                        {"customer", "{payload.customer.name}"},
                        {"country", "{payload.customer.country}"}});
    return made;
}

constexpr const char* kPasses = "payload.amount > 0 && payload.status != 'DRAFT'";
constexpr const char* kRejects = "payload.amount > 0 && payload.status == 'DRAFT'";

// -- contenders

/// Sluice: a mapper of some rules, given topics and payloads in turn.
class Mapping {
  public:
    Mapping(std::vector<MappingRule> rules, std::vector<std::string> topics,
            const std::vector<std::string>& payloads)
        : topics_{std::move(topics)}, payloads_{&payloads} {
        MappingOptions options;
        options.rules = std::move(rules);
        const std::vector<MappingInput> inputs{{"in", '.', PayloadFormat::Json, {}}};
        std::vector<MappingError> errors;
        auto table = MappingTable::compile(options, inputs, errors);
        if (!table) std::fprintf(stderr, "%s\n", errors.front().message.c_str());
        SLUICE_ASSERT(table);
        mapper_ = std::make_unique<Mapper>(std::move(table), "in");
    }

    void operator()() {
        Message message;
        message.key = "K-1";
        message.timeMs = 1'769'862'896'789;
        for (std::size_t i = 0; i < kMessagesEach; ++i) {
            if (i % kBatchMessages == 0) batch_.clear();
            message.topic = topics_[nextTopic_];
            message.payload = (*payloads_)[nextPayload_];
            if (++nextTopic_ == topics_.size()) nextTopic_ = 0;
            if (++nextPayload_ == payloads_->size()) nextPayload_ = 0;
            mapper_->map(message, batch_, outcome_);
        }
    }

    const MapOutcome& outcome() const { return outcome_; }

  private:
    std::vector<std::string> topics_;
    const std::vector<std::string>* payloads_;
    std::unique_ptr<Mapper> mapper_;
    EventBatch batch_;
    MapOutcome outcome_;
    std::size_t nextTopic_ = 0, nextPayload_ = 0;
};

/// What filling the five slots of `projection` costs at least: one pass of simdjson on demand,
/// with the copy that its padding needs.
class BareWalk {
  public:
    explicit BareWalk(const std::vector<std::string>& payloads) : payloads_{&payloads} {}

    void operator()() {
        for (std::size_t i = 0; i < kMessagesEach; ++i) {
            const std::string& payload = (*payloads_)[i % payloads_->size()];
            std::memcpy(buffer_, payload.data(), payload.size());
            const bool isRead =
                read(simdjson::padded_string_view{buffer_, payload.size(), sizeof buffer_});
            SLUICE_ASSERT(isRead && filled_ == 5);
        }
    }

  private:
    bool read(simdjson::padded_string_view json) {
        filled_ = 0;
        ondemand::object root;
        if (parser_.iterate(json).get(document_) || document_.get_object().get(root)) return false;
        for (auto result : root) {
            if (result.error()) return false;
            ondemand::field&& field = std::move(result).value_unsafe();
            const ondemand::raw_json_string key = field.key();
            if (key.unsafe_is_equal("orderId"))
                fill(0, field.value());
            else if (key.unsafe_is_equal("status"))
                fill(1, field.value());
            else if (key.unsafe_is_equal("amount"))
                fill(2, field.value());
            else if (key.unsafe_is_equal("customer") && !customer(field.value()))
                return false;
        }
        return true;
    }

    bool customer(ondemand::value& value) {
        ondemand::object object;
        if (value.get_object().get(object)) return false;
        for (auto result : object) {
            if (result.error()) return false;
            ondemand::field&& field = std::move(result).value_unsafe();
            if (field.key().unsafe_is_equal("name"))
                fill(3, field.value());
            else if (field.key().unsafe_is_equal("country"))
                fill(4, field.value());
        }
        return true;
    }

    void fill(std::size_t slot, ondemand::value& value) {
        slots_[slot] = value.raw_json_token();
        ++filled_;
    }

    const std::vector<std::string>* payloads_;
    ondemand::parser parser_;
    ondemand::document document_;
    char buffer_[1'024] = {};
    std::string_view slots_[5];
    std::size_t filled_ = 0;
};

struct Contender {
    std::string name;
    std::function<void()> run;
    std::vector<double> ns = {};  // a message, by round
};

class Bench {
  public:
    /// `only`: the name of the one contender to run; empty: all.
    explicit Bench(std::string only)
        : only_{std::move(only)}, orders_{orders()}, noJson_{std::string(64u << 10, '~')} {}

    /// `outcome` tells whether all went as it should.
    void mapping(std::string name, std::vector<MappingRule> rules, std::vector<std::string> topics,
                 std::uint64_t MapOutcome::*outcome, bool isJson = true) {
        if (!only_.empty() && name != only_) return;
        auto made = std::make_shared<Mapping>(std::move(rules), std::move(topics),
                                              isJson ? orders_ : noJson_);
        (*made)();
        if (made->outcome().*outcome != kMessagesEach) {
            std::fprintf(stderr, "%s does not do what it should\n", name.c_str());
            std::exit(1);
        }
        contenders_.push_back({std::move(name), [made] { (*made)(); }});
    }

    void addAll() {
        if (only_.empty() || only_ == "walk") {
            auto walk = std::make_shared<BareWalk>(orders_);
            contenders_.push_back({"walk", [walk] { (*walk)(); }});
        }
        const auto mapped = &MapOutcome::mapped, filtered = &MapOutcome::filtered;
        mapping("project", {projection("o.{region}", kPasses)}, {"o.eu"}, mapped);
        mapping("reject", {projection("o.{region}", kRejects)}, {"o.eu"}, filtered);
        mapping("pass", {rule("o.{region}")}, {"o.eu"}, mapped);
        MappingRule outside = rule("o.{region}");
        outside.when = "size(key) < 9 && time > timestamp('2020-01-01T00:00:00Z')";
        outside.data = fields({{"key", "{key}"}, {"time", "{time}"}});
        mapping("outside", {outside}, {"o.eu"}, mapped);
        mapping("outside-64k", {outside}, {"o.eu"}, mapped, false);
        for (const std::size_t count : {10, 100, 1000}) addRules(count);
    }

    void run(std::size_t rounds) {
        for (std::size_t round = 0; round < rounds; ++round)
            for (Contender& contender : contenders_) {
                const double before = threadNs();
                contender.run();
                contender.ns.push_back((threadNs() - before) / kMessagesEach);
            }
    }

    void print() const {
        for (const Contender& contender : contenders_) {
            std::printf("%s\"%s\": [", &contender == &contenders_.front() ? "{" : ",\n ",
                        contender.name.c_str());
            for (const double& ns : contender.ns)
                std::printf("%s%.1f", &ns == &contender.ns.front() ? "" : ", ", ns);
            std::printf("]");
        }
        std::printf("}\n");
    }

  private:
    static double threadNs() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
    }

    /// Rules of which each message concerns all, one, or one at the first sight of its topic.
    void addRules(std::size_t count) {
        const std::string number = std::to_string(count);
        std::vector<MappingRule> ofOne, ofEach;
        std::vector<std::string> topics, newTopics;
        for (std::size_t i = 0; i < count; ++i) {
            ofOne.push_back(projection("o.{region}", "payload.amount < 0 - " + std::to_string(i)));
            const std::string shop = "shop" + std::to_string(i);
            ofEach.push_back(projection("o." + shop + ".{region}", kPasses));
            topics.push_back("o." + shop + ".eu");
        }
        for (std::size_t i = 0; i < 3 * Mapper::kTopicsMax; ++i)
            newTopics.push_back("o.shop" + std::to_string(i % count) + "." + std::to_string(i));
        mapping("all-" + number, std::move(ofOne), {"o.eu"}, &MapOutcome::filtered);
        mapping("one-" + number, ofEach, std::move(topics), &MapOutcome::mapped);
        mapping("new-" + number, ofEach, std::move(newTopics), &MapOutcome::mapped);
    }

    const std::string only_;
    const std::vector<std::string> orders_, noJson_;
    std::vector<Contender> contenders_;
};

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
    const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 21;
    sluice::Bench bench{argc > 2 ? argv[2] : ""};
    bench.addAll();
    bench.run(rounds);
    bench.print();
    return 0;
}
