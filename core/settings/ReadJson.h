#pragma once

#include <map>
#include <string>

#include "base/Json.h"
#include "settings/Reader.h"

namespace sluice {

/// Makes JSON of what is written in YAML: text is text, braces or not, and what stands without
/// quotes may be a number, true, false or null.
class JsonReader {
  public:
    /// Where each value stands, by its path.
    using Places = std::map<std::string, SourceMark, std::less<>>;

    /// `places` may be null.
    JsonReader(Reading& reading, Places* places) : reading_{reading}, places_{places} {}

    Json read(const yaml::Node& node, const std::string& path);

  private:
    Json scalar(const yaml::Node& node);

    Reading& reading_;
    Places* places_;
};

}  // namespace sluice
