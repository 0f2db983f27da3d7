#pragma once

#include <string_view>

#include "sluice/plugin.h"

/// Texts of the C border.
namespace sluice {

inline bool isText(sluice_text text) {
    return text.data || text.length == 0;
}
/// REQUIRES: isText(text).
inline std::string_view viewOf(sluice_text text) {
    return text.length == 0 ? std::string_view{} : std::string_view{text.data, text.length};
}
inline sluice_text textOf(std::string_view view) {
    return {view.data(), view.size()};
}

}  // namespace sluice
