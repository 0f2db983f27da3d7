#include "base/Utf8.h"

#include <simdjson.h>

namespace sluice {

bool isUtf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

std::string_view beginningOf(std::string_view text, std::size_t bytesMax) {
    std::string_view cut = text.substr(0, bytesMax);
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
    if (cut.size() == text.size() || !continues(text[cut.size()])) return cut;
    for (int i = 0; i < 3 && !cut.empty() && continues(cut.back()); ++i) cut.remove_suffix(1);
    return cut.substr(0, cut.empty() ? 0 : cut.size() - 1);
}

}  // namespace sluice
