#include "settings/ReadJson.h"

#include "mapping/Data.h"
#include "mapping/JsonDifferences.h"

namespace sluice {

Json JsonReader::read(const yaml::Node& node, const std::string& path) {
    if (places_) places_->emplace(path, reading_.markOf(node));
    switch (node.kind()) {
        case yaml::Kind::Null:
            return {};
        case yaml::Kind::Scalar:
            return scalar(node);
        case yaml::Kind::Sequence: {
            Json list = Json::array();
            for (const yaml::Node& item : node.items())
                list.add(read(item, path + "[" + std::to_string(list.items().size()) + "]"));
            return list;
        }
        case yaml::Kind::Mapping: {
            Json map = Json::object();
            for (const yaml::Entry& entry : node.entries()) {
                const std::string_view key = entry.key.text();
                map.set(key, read(entry.value, path + pathStep(key)));
            }
            return map;
        }
    }
    return {};
}

Json JsonReader::scalar(const yaml::Node& node) {
    const Scalar scalar{reading_, node};
    if (node.style() != yaml::Style::Plain) return Json::string(scalar.text());
    if (isBeyondJson(scalar.text()))
        scalar.error("data", "JSON has no infinity and no NaN", "quote it to have a text");
    if (const auto json = jsonOfPlainScalar(scalar.text())) return *Json::parse(*json);
    return Json::string(scalar.text());
}

}  // namespace sluice
