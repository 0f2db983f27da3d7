#include "base/Utf8.h"

#include <simdjson.h>

namespace sluice {

bool isUtf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace sluice
