#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/Nearest.h"
#include "base/Pattern.h"
#include "base/Utf8.h"
#include "settings/Settings.h"
#include "settings/Units.h"

namespace sluice {
namespace {

/// How the part behind `://` becomes settings of a plugin.
struct Scheme {
    std::string_view name;
    std::string_view plugin;
    std::string_view address;  // the setting that takes HOST:PORT
    std::string_view prefix;   // of its value
    std::string_view example;
    bool takesFilters = false;   // + and # in the source are wildcards (MQTT 5.0, section 4.7)
    std::string_view streams{};  // the setting that names the source with the option stream=1
};
constexpr std::string_view kMqttExample = "mqtt://localhost:1883/sensors/%23";
constexpr std::string_view kRedisExample = "redis://localhost:6379/news";
constexpr std::array kSchemes{
    Scheme{"kafka", "kafka", "brokers", "", "kafka://localhost:9092/orders"},
    Scheme{"mqtt", "mqtt", "broker", "mqtt://", kMqttExample, true},
    Scheme{"mqtts", "mqtt", "broker", "mqtts://", kMqttExample, true},
    Scheme{"redis", "redis", "server", "redis://", kRedisExample, false, "streams"},
    Scheme{"rediss", "redis", "server", "rediss://", kRedisExample, false, "streams"},
};

struct Uri {
    std::string scheme, authority, source;
    std::vector<std::pair<std::string, std::string>> options;
};

/// A password must not be shown, so of such a URI nothing behind its scheme is.
std::string shown(const std::string& uri) {
    const std::size_t scheme = uri.find("://");
    if (scheme == std::string::npos || uri.find('@') == std::string::npos) return "'" + uri + "'";
    return "'" + uri.substr(0, scheme + 3) + "...'";
}

[[noreturn]] void refuse(const std::string& uri, const std::string& why,
                         std::string_view example = kSchemes.front().example) {
    throw std::invalid_argument{shown(uri) + ": " + why + "; write it as " + std::string{example}};
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Percent-decoded (RFC 3986 section 2.1).
std::string decoded(const std::string& uri, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
        if (high < 0 || low < 0) refuse(uri, "a % must be followed by two hexadecimal digits");
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!isUtf8(result) || std::any_of(result.begin(), result.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        }))
        refuse(uri, "its text is not UTF-8 without control characters");
    return result;
}

void readOptions(const std::string& text, std::string_view query, Uri& uri) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view option = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = option.find('=');
        if (equals == std::string_view::npos || equals == 0)
            refuse(text, "an option needs a name and a value",
                   std::string{kSchemes.front().example} + "?start=earliest");
        uri.options.emplace_back(decoded(text, option.substr(0, equals)),
                                 decoded(text, option.substr(equals + 1)));
    }
}

Uri readUri(const std::string& text) {
    Uri uri;
    const std::size_t scheme = text.find("://");
    if (scheme == std::string::npos || scheme == 0)
        refuse(text, "this is neither a file that ends in .yaml nor a URI");
    uri.scheme = text.substr(0, scheme);
    std::string_view rest = std::string_view{text}.substr(scheme + 3);
    if (rest.find('#') != std::string_view::npos) refuse(text, "a # is written as %23");
    const std::size_t query = std::min(rest.find('?'), rest.size());
    if (query < rest.size()) readOptions(text, rest.substr(query + 1), uri);
    rest = rest.substr(0, query);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    uri.authority = decoded(text, rest.substr(0, slash));
    if (slash < rest.size()) uri.source = decoded(text, rest.substr(slash + 1));
    return uri;
}

const Scheme& schemeOf(const std::string& text, const Uri& uri) {
    std::vector<std::string> names;
    for (const Scheme& scheme : kSchemes) {
        if (scheme.name == uri.scheme) return scheme;
        names.emplace_back(scheme.name);
    }
    refuse(text, "there is no source '" + uri.scheme + "'" + didYouMean(uri.scheme, names));
}

/// A filter of MQTT as a pattern: `+` becomes {level1} and so on, `#` becomes {rest**}.
std::string patternOf(const std::string& text, std::string_view filter, const Scheme& scheme) {
    if (!scheme.takesFilters) return std::string{filter};
    std::string pattern;
    for (std::size_t captures = 0;;) {
        const std::size_t end = filter.find('/');
        const std::string_view level = filter.substr(0, end);
        const bool isLast = end == std::string_view::npos;
        if (level == "+")
            pattern += "{level" + std::to_string(++captures) + "}";
        else if (level == "#" && isLast)
            pattern += "{rest**}";
        else if (level.find_first_of("+#") == std::string_view::npos)
            pattern += level;
        else
            refuse(text, "a + stands for a whole level, a # for all that follow", scheme.example);
        if (isLast) return pattern;
        pattern += '/';
        filter.remove_prefix(end + 1);
    }
}

void check(const std::string& text, const Uri& uri, const Scheme& scheme) {
    if (uri.authority.find('@') != std::string::npos)
        refuse(text,
               "a user and a password do not belong on a command line, where everybody on this "
               "machine reads them: put them into a file, as \"${PASSWORD}\"",
               scheme.example);
    if (uri.authority.empty()) refuse(text, "it has no host", scheme.example);
    if (uri.source.empty()) refuse(text, "it names no topic", scheme.example);
    Pattern::Error error;
    const char separator = separatorOfKnownPlugin(scheme.plugin).value_or('/');
    if (!Pattern::parse(uri.source, separator, &error))
        refuse(text, error.message + " (" + error.hint + ")", scheme.example);
}

InputOptions inputOf(const std::string& text, const Uri& uri, const Scheme& scheme) {
    InputOptions input;
    input.plugin = scheme.plugin;
    input.settings.set(std::string{scheme.address}, std::string{scheme.prefix} + uri.authority);
    for (const auto& [name, value] : uri.options) {
        if (name == "stream" && !scheme.streams.empty()) {
            if (value != "1" && value != "0")
                refuse(text, "stream is 1 or 0", std::string{scheme.example} + "?stream=1");
            if (value == "1") input.settings.set(std::string{scheme.streams}, uri.source);
            continue;
        }
        if (name != "rewind") {
            input.settings.set(name, value);
            continue;
        }
        UnitError error;
        const auto rewind = parseDuration(value, error);
        if (!rewind) refuse(text, "rewind: " + error.message + " (" + error.hint + ")");
        input.rewind = *rewind;
    }
    return input;
}

bool readsTheSame(const InputOptions& a, const InputOptions& b) {
    if (a.plugin != b.plugin || a.rewind != b.rewind || a.settings.keys != b.settings.keys)
        return false;
    return std::equal(a.settings.items.begin(), a.settings.items.end(), b.settings.items.begin(),
                      b.settings.items.end(),
                      [](const Setting& x, const Setting& y) { return x.text == y.text; });
}

/// The name of an input that reads the same, or of this one, which is new then. Names are the same
/// on every node that was started with the same URIs: ids depend on them.
std::string nameOf(InputOptions input, std::vector<InputOptions>& inputs) {
    std::size_t ofPlugin = 1;
    for (const InputOptions& other : inputs) {
        if (readsTheSame(other, input)) return other.name;
        if (other.plugin == input.plugin) ++ofPlugin;
    }
    input.name = input.plugin + (ofPlugin == 1 ? "" : std::to_string(ofPlugin));
    inputs.push_back(std::move(input));
    return inputs.back().name;
}

}  // namespace

Settings fromUris(std::span<const std::string> uris) {
    Settings settings;
    for (const std::string& text : uris) {
        Uri uri = readUri(text);
        const Scheme& scheme = schemeOf(text, uri);
        uri.source = patternOf(text, uri.source, scheme);
        check(text, uri, scheme);
        MappingRule rule;
        rule.input = nameOf(inputOf(text, uri, scheme), settings.inputs);
        rule.from = uri.source;
        rule.channel = "{topic}";
        settings.mappings.rules.push_back(std::move(rule));
    }
    return settings;
}

}  // namespace sluice
