#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mapping/MappingTable.h"

namespace sluice {

/// "1 message", "2 messages".
inline std::string counted(std::uint64_t count, std::string_view word) {
    return std::to_string(count) + ' ' + std::string{word} + (count == 1 ? "" : "s");
}

/// As the file has it: "shop:orders.{region}".
inline std::string fromOf(const CompiledRule& rule) {
    return rule.input + ':' + rule.from.text();
}

/// "mapping 1, from shop:orders.{region} (sluice.yaml:5:5)".
inline std::string headingOf(const CompiledRule& rule) {
    const std::string place = placeOf(rule.mark);
    return "mapping " + std::to_string(rule.index + 1) + ", from " + fromOf(rule) +
           (place.empty() ? "" : " (" + place + ")");
}

}  // namespace sluice
