#include "expression/Json.h"

#include <string>
#include <vector>

#include "Fuzz.h"
#include "base/JsonText.h"
#include "payload/Payload.h"
#include "payload/Redaction.h"

using namespace sluice;

namespace {

using Step = cel::PathStep;

struct Reads {
    Reads() {
        const std::vector<std::vector<Step>> wanted{
            {},
            {{"a", 0, false}},
            {{"a", 0, false}, {"b", 0, false}},
            {{"items", 0, false}, {"", 1, true}},
            {{"items", 0, false}, {"", 0, true}, {"sku", 0, false}},
            {{"a key that is longer than eight bytes", 0, false}}};
        for (const auto& path : wanted) slots.push_back(paths.add(path));
        tree = PathTree{paths, slots};
        Redaction::Error error;
        for (const char* path : {"payload.a.b", "payload.items[*].sku", "payload.items[1]"})
            FUZZ_LAW(redaction.add(path, error));
    }
    Paths paths;
    std::vector<SlotId> slots;
    PathTree tree;
    Redaction redaction;
};

}  // namespace

/// Payloads: what is copied out of one is JSON, also with parts of it covered.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Reads reads;
    static Payload payload;
    const std::string_view bytes = textOf(data, size);
    if (!payload.load(bytes, reads.tree)) FUZZ_LAW(!payload.problem().empty());
    cel::Arena arena;
    for (const SlotId slot : reads.slots) {
        payload.kind(slot);
        if (const auto raw = payload.raw(slot)) FUZZ_LAW(isJson(*raw));
        const cel::Value value = payload.value(slot, arena);
        std::string json;
        if (!value.isError() && cel::appendJson(json, value)) FUZZ_LAW(isJson(json));
    }
    if (!isJson(bytes)) return 0;
    std::string covered;
    reads.redaction.write(bytes, covered);
    FUZZ_LAW(isJson(covered));
    return 0;
}
