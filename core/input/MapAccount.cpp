#include "input/MapAccount.h"

#include "base/Log.h"

namespace sluice {

void account(std::string_view input, MapOutcome& outcome, const MappingTable& table,
             DeadLetterFiles& files, InputCounters& counters, RejectedSamples& samples) {
    const std::string name{input};
    for (const std::string& text : outcome.notes)
        log::limited(log::Level::Warning, "input " + name, name + text.substr(0, 40), text);
    if (!outcome.letters.empty()) {
        const std::uint64_t lost = files.write(outcome.letters, table.deadLetterBytesMax());
        counters.addDeadLetters(outcome.letters.size() - lost, lost);
    }
    samples.take(outcome.samples);
}

}  // namespace sluice
