#include <algorithm>
#include <string>

#include "Fuzz.h"
#include "base/JsonText.h"
#include "expression/Expression.h"
#include "expression/Json.h"
#include "filter/CelFilter.h"

using namespace sluice;

namespace {

constexpr std::size_t kStepsMax = 20'000;  // so that a run looks at many

/// As an EventBatch encodes data.
std::string dataLines(std::string_view data) {
    std::string lines = "data: ";
    for (const char c : data) {
        lines += c;
        if (c == '\n') lines += "data: ";
    }
    return lines + '\n';
}

/// As in a filter: what a reader may send.
void filterWith(std::string_view text, std::string_view payload) {
    FilterScope scope;
    std::vector<cel::Problem> problems;
    auto expression = cel::Expression::compile(text, scope, problems);
    if (!expression) {
        FUZZ_LAW(!problems.empty());
        for (const cel::Problem& problem : problems) FUZZ_LAW(problem.offset <= text.size());
        return;
    }
    FilterSubject subject;
    const PathTree tree{scope.paths(), [&] {
                            std::vector<SlotId> slots(scope.paths().size());
                            for (SlotId i = 0; i < slots.size(); ++i) slots[i] = i;
                            return slots;
                        }()};
    EventFilter::Subject event;
    const std::string lines = dataLines(payload);
    event.channel = "orders/eu";
    event.event = "order";
    event.key = "k";
    event.dataLines = lines;
    subject.begin(event, scope.references(), tree);
    cel::Arena arena;
    const cel::Value value = expression->evaluate(subject, arena, kStepsMax);
    std::string json;
    if (!value.isError() && cel::appendJson(json, value)) FUZZ_LAW(isJson(json));
}

}  // namespace

/// A line with an expression, and behind it the data that it looks at.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = textOf(data, size);
    const std::size_t line = std::min(bytes.find('\n'), bytes.size());
    filterWith(bytes.substr(0, line), bytes.substr(std::min(line + 1, bytes.size())));
    return 0;
}
