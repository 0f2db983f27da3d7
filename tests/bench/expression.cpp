#include "expression/Expression.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "expression/Json.h"

// How long expressions take over values that are decoded already, and what they allocate:
// sluice_bench_expression [TIMES]. Prints the best of many rounds in nanoseconds.
namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (!memory) throw std::bad_alloc{};
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace sluice::cel {
namespace {

/// Fields of one payload, each a reference, looked up once.
class Fields final : public Scope, public Activation {
  public:
    explicit Fields(std::string json)
        : json_{std::move(json)}, payload_{parseJson(json_, arena_)} {}

    std::optional<Reference> resolve(std::string_view,
                                     std::span<const PathStep> path) const override {
        Value value = payload_;
        for (const PathStep& step : path)
            value = step.isIndex ? value.asList().items[step.index] : *value.asMap().find(step.key);
        values_.push_back(value);
        return Reference{static_cast<std::uint32_t>(values_.size() - 1), path.size(), Type::dyn()};
    }
    std::vector<std::string> names() const override { return {"payload"}; }
    Value value(std::uint32_t reference, Arena&) const override { return values_[reference]; }
    Kind kind(std::uint32_t reference) const override { return values_[reference].kind(); }

  private:
    Arena arena_;
    std::string json_;
    Value payload_;
    mutable std::vector<Value> values_;
};

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 100;

void measure(const std::string& text, const Fields& fields, std::size_t rounds) {
    std::vector<Problem> problems;
    const auto began = Clock::now();
    const std::optional<Expression> expression = Expression::compile(text, fields, problems);
    const double compileUs =
        std::chrono::duration<double, std::micro>(Clock::now() - began).count();
    if (!expression) {
        std::printf("%s: %s\n", text.c_str(), problems.front().message.c_str());
        std::exit(1);
    }
    Arena arena;
    std::size_t sum = 0;
    double best = 1e9;
    expression->evaluate(fields, arena);
    const std::size_t before = allocations;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = Clock::now();
        for (std::size_t i = 0; i < rounds; ++i) {
            arena.reset();
            sum += static_cast<std::size_t>(expression->evaluate(fields, arena).kind());
        }
        const double ns = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
        best = std::min(best, ns / static_cast<double>(rounds));
    }
    std::printf("%8.1f ns %6zu allocations %8.1f us to compile   %s%s\n", best,
                allocations - before, compileUs, text.c_str(), sum == 0 ? " (error)" : "");
}

}  // namespace
}  // namespace sluice::cel

int main(int argc, char** argv) {
    using namespace sluice::cel;
    const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
    const Fields fields{
        R"({"amount": 129.90, "count": 3, "status": "PAID", "items": [{"id": 1, "price": 5.5},)"
        R"( {"id": 2, "price": 50}, {"id": 3, "price": 7}], "tags": ["a", "b", "c"],)"
        R"( "time": "2026-01-31T12:00:00Z", "customer": {"name": "Ada", "country": "DE"}})"};
    for (const char* text : {
             "payload.amount > 0 && payload.status != 'DRAFT'",
             "payload.amount > 0",
             "payload.status == 'PAID'",
             "payload.count * 2 + 1",
             "payload.status in ['PAID', 'SENT', 'DONE']",
             "has(payload.customer.name) && payload.customer.country == 'DE'",
             "payload.customer.name + ' (' + payload.customer.country + ')'",
             "payload.items.exists(i, i.price > 10)",
             "payload.items.filter(i, i.price > 6.0).map(i, i.id)",
             "payload.status.matches('^P[A-Z]+$')",
             "timestamp(payload.time).getHours('Europe/Berlin')",
             "{'id': payload.count, 'total': payload.amount}",
         })
        measure(text, fields, rounds);
    return 0;
}
