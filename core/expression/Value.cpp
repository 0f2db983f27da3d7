#include "expression/Value.h"

#include <array>

namespace sluice::cel {

std::string_view nameOf(Kind kind) {
    static constexpr std::array<std::string_view, 13> kNames{"error",
                                                             "null_type",
                                                             "bool",
                                                             "int",
                                                             "uint",
                                                             "double",
                                                             "string",
                                                             "bytes",
                                                             "list",
                                                             "map",
                                                             "google.protobuf.Timestamp",
                                                             "google.protobuf.Duration",
                                                             "type"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view wordFor(Kind kind) {
    switch (kind) {
        case Kind::Null:
            return "null";
        case Kind::Timestamp:
            return "timestamp";
        case Kind::Duration:
            return "duration";
        default:
            return nameOf(kind);
    }
}

std::string_view codeOf(Failure failure) {
    static constexpr std::array<std::string_view, 7> kCodes{
        "no-value", "no-overload", "overflow", "divide-by-zero", "bad-value", "unknown", "limit"};
    return kCodes[static_cast<std::size_t>(failure)];
}

const ErrorText& Value::asError() const {
    static constexpr ErrorText kMissing{Failure::NoValue, "a value is missing", {}, 0, 0};
    return error_ ? *error_ : kMissing;
}

}  // namespace sluice::cel
