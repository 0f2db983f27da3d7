#include "event/Block.h"

#include <array>
#include <charconv>

#include "base/Assert.h"

namespace sluice {
namespace {

std::string_view writeNumber(std::uint64_t number, int base, std::array<char, 20>& digits) {
    char* const begin = digits.data();
    const auto end = std::to_chars(begin, begin + digits.size(), number, base).ptr;
    return {begin, static_cast<std::size_t>(end - begin)};
}

/// What stands before an id and behind it; a block without one ends with an empty line all the
/// same.
std::string_view before(std::string_view id) {
    return id.empty() ? std::string_view{} : "id: ";
}
std::string_view behind(std::string_view id) {
    return id.empty() ? "\n" : "\n\n";
}

bool isOneLine(std::string_view text) {
    return text.find_first_of("\r\n") == std::string_view::npos;
}

}  // namespace

void BlockWriter::block(std::initializer_list<std::string_view> parts) {
    if (framing_ == Framing::Chunked) {
        std::size_t size = 0;
        for (const std::string_view part : parts) size += part.size();
        std::array<char, 20> digits;
        out_.append(writeNumber(size, 16, digits)).append("\r\n");
    }
    for (const std::string_view part : parts) out_.append(part);
    if (framing_ == Framing::Chunked) out_.append("\r\n");
}

void BlockWriter::open(std::uint32_t retryMs, std::string_view json, std::string_view id) {
    SLUICE_ASSERT(isOneLine(json));
    std::array<char, 20> digits;
    const std::string_view retry = writeNumber(retryMs, 10, digits);
    if (isBare()) return block({"\n"});
    if (control_ != Control::Events) {
        if (retryMs == 0) return block({": sluice.open ", json, "\n\n"});
        block({"retry: ", retry, "\n: sluice.open ", json, "\n\n"});
    } else {
        block({"retry: ", retry, "\nevent: sluice.open\ndata: ", json, "\n", before(id), id,
               behind(id)});
    }
}

void BlockWriter::event(std::string_view lines, std::string_view id) {
    block({lines, before(id), id, behind(id)});
}

void BlockWriter::gap(std::string_view json, std::string_view id) {
    told("gap", json, id);
}

void BlockWriter::sync(std::string_view json, std::string_view id) {
    told("sync", json, id);
}

void BlockWriter::told(std::string_view name, std::string_view json, std::string_view id) {
    SLUICE_ASSERT(isOneLine(json));
    if (isBare()) return block({"\n"});
    if (control_ != Control::Events) {
        block({": sluice.", name, " ", json, "\n\n"});
    } else {
        block({"event: sluice.", name, "\ndata: ", json, "\n", before(id), id, behind(id)});
    }
}

void BlockWriter::position(std::string_view id) {
    if (control_ == Control::Nothing) {
        block({"\n"});
    } else if (control_ == Control::Pings) {
        block({": sse ping\n\n"});
    } else if (control_ == Control::OnlyPings) {
        block({": sse ping\n", before(id), id, behind(id)});
    } else if (control_ == Control::Comments) {
        block({": sluice.at\n\n"});
    } else {
        block({"event: sluice.at\ndata:\n", before(id), id, behind(id)});
    }
}

void BlockWriter::farewell(std::uint32_t retryMs, std::string_view id) {
    std::array<char, 20> digits;
    const std::string_view retry = writeNumber(retryMs, 10, digits);
    if (isBare()) return block({"\n"});
    if (control_ != Control::Events) {
        block({"retry: ", retry, "\n: sluice.at\n\n"});
    } else {
        block({"retry: ", retry, "\nevent: sluice.at\ndata:\n", before(id), id, behind(id)});
    }
}

void BlockWriter::end() {
    if (framing_ == Framing::Chunked) out_.append("0\r\n\r\n");
}

}  // namespace sluice
