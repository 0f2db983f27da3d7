#include <string>
#include <vector>

#include "Fuzz.h"
#include "event/EventId.h"

using namespace sluice;

/// There is one text for each id: what can be read is written as it was (resume.md section 3).
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text{textOf(data, size)};
    std::optional<EventId> id = parseEventId(text);
    if (!id) {
        // The check hides what is behind it: once more with the right one.
        if (text.size() < 6 || text[text.size() - 5] != '.') return 0;
        text.resize(text.size() - 5);
        char check[8];
        std::snprintf(check, sizeof check, ".%04x", crc16(text));
        text += check;
        id = parseEventId(text);
        if (!id) return 0;
    }
    std::string again;
    if (!id->cut) {
        appendShortId(again, id->epoch, id->seq, id->timeMs);
    } else {
        std::vector<FamilyCutView> cut;
        for (const FamilyCut& family : *id->cut)
            cut.push_back({family.hash, family.words, family.places});
        FUZZ_LAW(appendFullId(again, id->epoch, id->seq, id->timeMs, cut, id->gen));
    }
    FUZZ_LAW(again == text);
    return 0;
}
