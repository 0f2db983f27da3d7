#include <stdexcept>

#include "Fuzz.h"
#include "Reply.h"

using namespace sluice;

namespace {

std::size_t count(const redis::Reply& reply, int depth = 0) {
    FUZZ_LAW(depth < 16);
    std::size_t items = 1;
    for (const redis::Reply& item : reply.items) items += count(item, depth + 1);
    return items;
}

/// How many replies came; -1: the stream is none.
int replies(std::string_view bytes, std::size_t piece) {
    redis::ReplyReader reader{1'000};
    int whole = 0;
    try {
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            reader.feed(bytes.substr(at, piece));
            while (const redis::Reply* const reply = reader.next()) {
                count(*reply);
                ++whole;
                reader.forget();
            }
        }
    } catch (const std::runtime_error&) {
        return -1;
    }
    return whole;
}

}  // namespace

/// What a Redis server sends: the same replies in whatever pieces they come. Where it is no RESP, a
/// reader may find out sooner or later.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = textOf(data, size);
    const int whole = replies(bytes, bytes.size() + 1);
    const int inPieces = replies(bytes, 1);
    FUZZ_LAW(whole < 0 || inPieces < 0 || whole == inPieces);
    return 0;
}
