#include "mapping/JsonDifferences.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "payload/Paths.h"

namespace sluice {
namespace {

/// A value as it is told: its beginning.
std::string shown(const Json& value) {
    constexpr std::size_t kShownMax = 100;
    std::string text = value.compact();
    if (text.size() > kShownMax) (text.resize(kShownMax), text += "...");
    return text;
}

bool isWhole(const std::string& number) {
    return number.find_first_of(".eE") == std::string::npos;
}

bool areEqualNumbers(const std::string& a, const std::string& b) {
    if (a == b) return true;
    if (isWhole(a) && isWhole(b)) return false;
    return std::strtod(a.c_str(), nullptr) == std::strtod(b.c_str(), nullptr);
}

class Comparison {
  public:
    Comparison(std::size_t countMax, std::vector<JsonDifference>& found)
        : countMax_{countMax}, found_{found} {}

    void compare(const Json& expected, const Json& actual, const std::string& path) {
        if (expected.is(Json::Kind::Object) && actual.is(Json::Kind::Object))
            return objects(expected, actual, path);
        if (expected.is(Json::Kind::Array) && actual.is(Json::Kind::Array))
            return arrays(expected, actual, path);
        const bool areNumbers = expected.is(Json::Kind::Number) && actual.is(Json::Kind::Number);
        if (areNumbers ? areEqualNumbers(expected.text(), actual.text()) : expected == actual)
            return;
        tell(path, "is " + shown(actual) + ", not " + shown(expected));
    }

  private:
    void objects(const Json& expected, const Json& actual, const std::string& path) {
        for (std::size_t i = 0; i < expected.keys().size(); ++i) {
            const std::string& key = expected.keys()[i];
            const std::string below = path + pathStep(key);
            if (const Json* const value = actual.find(key))
                compare(expected.items()[i], *value, below);
            else
                tell(below, "is missing");
        }
        for (std::size_t i = 0; i < actual.keys().size(); ++i)
            if (!expected.find(actual.keys()[i]))
                tell(path + pathStep(actual.keys()[i]),
                     "should not be there: " + shown(actual.items()[i]));
    }

    void arrays(const Json& expected, const Json& actual, const std::string& path) {
        const std::size_t wanted = expected.items().size(), came = actual.items().size();
        for (std::size_t i = 0; i < std::max(wanted, came); ++i) {
            const std::string below = path + "[" + std::to_string(i) + "]";
            if (i >= came)
                tell(below, "is missing");
            else if (i >= wanted)
                tell(below, "should not be there: " + shown(actual.items()[i]));
            else
                compare(expected.items()[i], actual.items()[i], below);
        }
    }

    void tell(const std::string& path, std::string text) {
        if (found_.size() < countMax_) found_.push_back({path, std::move(text)});
    }

    const std::size_t countMax_;
    std::vector<JsonDifference>& found_;
};

}  // namespace

std::vector<JsonDifference> differences(const Json& expected, const Json& actual,
                                        std::size_t countMax) {
    std::vector<JsonDifference> found;
    Comparison{countMax, found}.compare(expected, actual, "");
    return found;
}

std::string pathStep(std::string_view key) {
    constexpr std::string_view kRoot = "payload";
    const cel::PathStep step{std::string{key}, 0, false};
    return pathText({&step, 1}).substr(kRoot.size());
}

}  // namespace sluice
