#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::cel {

/// A message in protobuf's text format, without its schema: fields in the order written.
struct TextProto {
    struct Field {
        std::string name;
        std::string scalar;  // decoded where it was quoted
        bool isMessage = false;
        std::vector<TextProto> message;  // one where isMessage
    };
    std::vector<Field> fields;

    /// The first field of the name; null where there is none.
    const Field* find(std::string_view name) const;
    /// Its text, or empty.
    std::string text(std::string_view name) const;
    /// Its message; null where there is none.
    const TextProto* message(std::string_view name) const;
    std::vector<const TextProto*> messages(std::string_view name) const;
};

/// Throws std::runtime_error with the line where the text breaks.
TextProto parseTextProto(std::string_view text);

}  // namespace sluice::cel
