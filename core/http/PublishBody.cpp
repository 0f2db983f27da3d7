#include "http/PublishBody.h"

#include <algorithm>
#include <string>

#include <simdjson.h>

#include "base/JsonText.h"
#include "base/Utf8.h"
#include "event/EventBatch.h"
#include "http/HttpRequest.h"

namespace sluice {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kShapeHint = R"(send {"channel": "orders", "data": {"any": "JSON"}})";
constexpr std::size_t kKeyMax = 1'024;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Without the white space between its tokens, numbers byte for byte. REQUIRES: JSON.
std::string minified(std::string_view json) {
    std::string out(json.size(), '\0');
    std::size_t length = 0;
    if (simdjson::minify(json.data(), json.size(), out.data(), length) != simdjson::SUCCESS)
        return std::string{json};
    out.resize(length);
    return out;
}

class Reader {
  public:
    Reader(const PublishLimits& limits, std::vector<PublishedEvent>& events)
        : limits_{limits}, events_{events} {}

    std::optional<HttpResponse> read(std::string_view contentType, std::string_view body) {
        const std::string_view text = trimmed(body);
        const bool isForm = contentType.starts_with("application/x-www-form-urlencoded");
        if (text.starts_with('{') || text.starts_with('['))
            json(text);
        else if (isForm)
            form(text);
        else if (text.empty())
            refuse(400, "", "the body is empty", kShapeHint);
        else
            refuse(415, "", "the body is neither JSON nor a form", kShapeHint);
        if (!error_ && events_.empty()) refuse(400, "", "there is no event in it", kShapeHint);
        return std::move(error_);
    }

  private:
    void refuse(int status, std::string_view field, std::string_view message,
                std::string_view hint) {
        if (error_) return;
        const bool isOnly = !isList_ || (field.empty() && !inEvent_);
        std::string path = isOnly ? "" : "[" + std::to_string(events_.size()) + "]";
        if (!path.empty() && !field.empty()) path += '.';
        path += field;
        error_ =
            errorResponse(status, {status == 413 ? "too-large" : "bad-event", path, message, hint});
    }

    void json(std::string_view text) {
        if (isJson(text)) return document(text);
        // Not one JSON text: one a line, if there are several lines and the first one is JSON.
        const std::size_t firstEnd = text.find('\n');
        if (firstEnd == std::string_view::npos || !isJson(text.substr(0, firstEnd)))
            return refuse(400, "", "the body is not JSON (RFC 8259, in UTF-8)", kShapeHint);
        isList_ = true;
        while (!text.empty() && !error_) {
            const std::size_t end = text.find('\n');
            const std::string_view line = trimmed(text.substr(0, end));
            text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
            if (line.empty()) continue;
            inEvent_ = true;
            if (!isJson(line) || line.front() != '{')
                return refuse(400, "", "this line is no JSON object", kShapeHint);
            document(line);
        }
    }

    /// REQUIRES: `text` is JSON, so that the on-demand reader, which skips what it is not asked
    /// for, meets nothing unexpected.
    void document(std::string_view text) {
        const simdjson::padded_string padded{text};
        ondemand::parser parser;
        ondemand::document document;
        ondemand::value root;
        // A document that is an object or array can be had as a value.
        if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
            document.get_value().get(root) != simdjson::SUCCESS)
            return refuse(400, "", "the body cannot be read as JSON", kShapeHint);
        ondemand::array list;
        if (text.front() != '[') return object(root);
        isList_ = true;
        if (root.get_array().get(list) != simdjson::SUCCESS)
            return refuse(400, "", "the body cannot be read as JSON", kShapeHint);
        for (auto item : list) {
            ondemand::value one;
            if (item.get(one) != simdjson::SUCCESS || error_) return;
            object(one);
        }
    }

    void object(ondemand::value value) {
        inEvent_ = true;
        ondemand::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS)
            return refuse(400, "", "an event is a JSON object", kShapeHint);
        begin();
        for (auto field : object) {
            std::string_view name;
            ondemand::value content;
            if (field.unescaped_key().get(name) != simdjson::SUCCESS ||
                field.value().get(content) != simdjson::SUCCESS)
                return refuse(400, "", "the event cannot be read as JSON", kShapeHint);
            const std::string ownName{name};
            if (!claim(ownName)) return;
            member(ownName, content);
            if (error_) return;
        }
        finish();
    }

    void member(const std::string& name, ondemand::value value) {
        if (name == "data") return data(value);
        ondemand::array list;
        if (name == "channel" && value.get_array().get(list) == simdjson::SUCCESS) {
            for (auto item : list) {
                std::string_view text;
                if (item.get_string().get(text) != simdjson::SUCCESS)
                    return refuse(400, "channel", "a channel is a string", kShapeHint);
                channel(text);
            }
            return;
        }
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS)
            return refuse(400, name, "this must be a string",
                          name == "channel" ? "or a list of strings" : "");
        assign(name, text);
    }

    void data(ondemand::value value) {
        hasData_ = true;
        std::string_view text;
        ondemand::json_type type{};
        if (value.type().get(type) != simdjson::SUCCESS)
            return refuse(400, "data", "this cannot be read as JSON", "");
        if (type != ondemand::json_type::string) {
            if (simdjson::to_json_string(value).get(text) == simdjson::SUCCESS)
                event_.data = minified(trimmed(text));
            else
                refuse(400, "data", "this cannot be read as JSON", "");
            return;
        }
        // A lone surrogate has no UTF-8.
        if (value.get_string().get(text) != simdjson::SUCCESS)
            return refuse(400, "data", "this string is no Unicode text", "");
        event_.data = text;
    }

    void form(std::string_view text) {
        const auto parameters = parseParameters(text);
        if (!parameters) return refuse(400, "", "the form is malformed", kShapeHint);
        begin();
        for (const auto& [name, value] : *parameters) {
            if (name == "channel") {
                claim(name, true);
                channels(value);
            } else if (claim(name)) {
                if (name == "data") hasData_ = true;
                assign(name, value);
            }
        }
        finish();
    }

    void begin() {
        event_ = PublishedEvent{};
        seen_.clear();
        hasData_ = false;
        if (events_.size() == limits_.eventsMax)
            refuse(413, "", "too many events in one request",
                   "send at most " + std::to_string(limits_.eventsMax));
    }

    /// Whether a member of that name may come (again).
    bool claim(const std::string& name, bool mayRepeat = false) {
        constexpr std::string_view kNames[] = {"channel", "event", "key", "data"};
        if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) {
            refuse(400, isUtf8(name) ? name : "", "this field is not known",
                   "the fields are channel, event, key, data");
            return false;
        }
        if (!mayRepeat && std::find(seen_.begin(), seen_.end(), name) != seen_.end()) {
            refuse(400, name, "this field is given twice", "");
            return false;
        }
        seen_.push_back(name);
        return true;
    }

    void assign(const std::string& name, std::string_view text) {
        if (name == "channel") return channel(text);
        if (name == "event") event_.event = text;
        if (name == "key") event_.key = text;
        if (name == "data") event_.data = text;
    }

    void channels(std::string_view list) {
        while (!list.empty()) {
            const std::size_t comma = list.find(',');
            channel(list.substr(0, comma));
            list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        }
    }

    void channel(std::string_view name) {
        if (!isChannelName(name))
            return refuse(400, "channel", "this is no channel name",
                          "1 to 255 bytes of UTF-8 without control characters, comma, ?, # and "
                          "braces, not beginning with sluice.");
        auto& names = event_.channels;
        if (std::find(names.begin(), names.end(), name) != names.end()) return;
        if (names.size() == limits_.channelsMax)
            return refuse(400, "channel", "too many channels for one event",
                          "at most " + std::to_string(limits_.channelsMax));
        names.emplace_back(name);
    }

    void finish() {
        if (event_.channels.empty()) refuse(400, "channel", "the channel is missing", kShapeHint);
        if (!hasData_) refuse(400, "data", "the data is missing", kShapeHint);
        if (!isEventType(event_.event))
            refuse(400, "event", "this is no event type",
                   "at most 255 bytes of UTF-8 without line ends, not beginning with sluice.");
        if (event_.key.size() > kKeyMax || !isUtf8(event_.key))
            refuse(400, "key", "this is no key", "at most 1024 bytes of UTF-8");
        if (event_.data.size() > limits_.dataBytesMax)
            refuse(413, "data", "the data is too large",
                   "at most " + std::to_string(limits_.dataBytesMax) + " bytes");
        if (!isUtf8(event_.data)) refuse(400, "data", "the data is not UTF-8", "");
        if (!error_) events_.push_back(std::move(event_));
        inEvent_ = false;
    }

    const PublishLimits& limits_;
    std::vector<PublishedEvent>& events_;
    PublishedEvent event_;           // that is being read
    std::vector<std::string> seen_;  // its members so far
    bool hasData_ = false;
    bool isList_ = false, inEvent_ = false;
    std::optional<HttpResponse> error_;  // the first one
};

}  // namespace

std::optional<HttpResponse> readPublishBody(std::string_view contentType, std::string_view body,
                                            const PublishLimits& limits,
                                            std::vector<PublishedEvent>& events) {
    events.clear();
    auto error = Reader{limits, events}.read(contentType, body);
    if (error) events.clear();
    return error;
}

}  // namespace sluice
