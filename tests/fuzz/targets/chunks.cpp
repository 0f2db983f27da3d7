#include <string>

#include "Fuzz.h"
#include "http/ChunkedBody.h"

using namespace sluice;

namespace {

constexpr std::size_t kBodyMax = 4'096;

struct Decoded {
    HeadState state;
    std::string body;
    std::size_t taken;
};

Decoded decode(std::string_view bytes, std::size_t piece) {
    ChunkedBody chunked;
    Decoded all{HeadState::Incomplete, "", 0};
    while (all.taken < bytes.size() && chunked.state() == HeadState::Incomplete) {
        const std::string_view next = bytes.substr(all.taken, piece);
        const std::size_t taken = chunked.feed(next, kBodyMax, all.body);
        FUZZ_LAW(taken <= next.size());
        FUZZ_LAW(taken == next.size() || chunked.state() != HeadState::Incomplete);
        all.taken += taken;
    }
    all.state = chunked.state();
    FUZZ_LAW(all.body.size() <= kBodyMax);
    return all;
}

}  // namespace

/// Chunked bodies mean the same in whatever pieces they come.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = textOf(data, size);
    const Decoded whole = decode(bytes, bytes.size() + 1);
    for (const std::size_t piece : {1, 3}) {
        const Decoded parts = decode(bytes, piece);
        FUZZ_LAW(parts.state == whole.state);
        if (whole.state == HeadState::Refused) continue;
        FUZZ_LAW(parts.body == whole.body && parts.taken == whole.taken);
    }
    return 0;
}
