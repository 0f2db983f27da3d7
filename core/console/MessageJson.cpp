#include "console/MessageJson.h"

#include <charconv>

#include "base/Utf8.h"
#include "expression/Base64.h"

namespace sluice {
namespace {

void setBytes(Json& json, const std::string& name, const std::string& bytes) {
    if (isUtf8(bytes))
        json.set(name, bytes);
    else
        json.set(name + "Base64", cel::base64(bytes));
}

std::string shown(const std::string& bytes) {
    return isUtf8(bytes) ? bytes : cel::base64(bytes);
}

template <class Pairs>
void setPairs(Json& json, const char* name, const Pairs& pairs) {
    if (pairs.empty()) return;
    Json& list = json.set(name, Json::array());
    for (const auto& [key, value] : pairs) {
        Json& pair = list.add(Json::array());
        pair.add(Json::string(shown(key)));
        if constexpr (requires { value.has_value(); })
            pair.add(value ? Json::string(shown(*value)) : Json{});
        else
            pair.add(Json::string(shown(value)));
    }
}

std::string offsetText(const WrittenMessage::Offset& offset) {
    std::string text = std::to_string(offset.position.first);
    if (offset.words == Words::Two) text += '-' + std::to_string(offset.position.second);
    return text;
}

class Reader {
  public:
    Reader(const Json& json, WrittenMessage& message, MessageJsonError& error)
        : json_{json}, message_{message}, error_{error} {}

    bool read() {
        if (!json_.is(Json::Kind::Object))
            return refuse("message", "a message is an object",
                          R"(write {"topic": "orders.eu", "payload": {"amount": 9}})");
        message_.input = json_.textAt("input");
        message_.topic = json_.textAt("topic");
        if (message_.topic.empty())
            return refuse("topic", "the topic is missing", "write the topic that it came with");
        if (const Json* const key = json_.find("key"); key && !key->is(Json::Kind::Null))
            message_.key = textOf(*key);
        readPayload();
        return readTime() && readPlace() && readPairs("headers", message_.headers) &&
               readPairs("variables", message_.variables);
    }

  private:
    bool refuse(const char* field, const char* message, const char* hint) {
        error_ = {field, message, hint};
        return false;
    }

    static std::string textOf(const Json& value) {
        return value.is(Json::Kind::String) ? value.text() : value.compact();
    }

    void readPayload() {
        const Json* const payload = json_.find("payload");
        const Json* const tombstone = json_.find("tombstone");
        const bool isTombstone = tombstone && tombstone->text() == "true";
        if (payload && !isTombstone) message_.payload = textOf(*payload);
    }

    bool readTime() {
        const Json* time = json_.find("timeMs");
        if (!time) time = json_.find("time");
        if (!time) return true;
        message_.timeMs = parseMessageTime(time->text());
        return message_.timeMs || refuse("time", "this is no time",
                                         "write 2026-01-31T12:00:00Z, or timeMs: 1790000000000");
    }

    bool readPlace() {
        if (const Json* const partition = json_.find("partition")) {
            const std::string& text = partition->text();
            std::uint32_t number = 0;
            const auto [end, failure] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            if (failure != std::errc{} || end != text.data() + text.size())
                return refuse("partition", "this is no partition", "write a number");
            message_.partition = number;
        }
        if (const Json* const offset = json_.find("offset")) {
            message_.offset = parseMessageOffset(offset->text());
            if (!message_.offset)
                return refuse("offset", "this is no offset",
                              "write a number, or \"1790000000000-0\"");
        }
        return true;
    }

    template <class Pairs>
    bool readPairs(const char* name, Pairs& pairs) {
        const Json* const list = json_.find(name);
        if (!list) return true;
        if (list->is(Json::Kind::Object)) {
            for (std::size_t i = 0; i < list->items().size(); ++i)
                pairs.emplace_back(list->keys()[i], textOf(list->items()[i]));
            return true;
        }
        for (const Json& pair : list->items()) {
            if (pair.items().size() != 2 || !pair.items()[0].is(Json::Kind::String))
                return refuse(name, "this is no list of names and values",
                              R"(write {"name": "value"}, or [["name", "value"]])");
            pairs.emplace_back(pair.items()[0].text(), textOf(pair.items()[1]));
            if constexpr (requires { pairs.back().second.reset(); })
                if (pair.items()[1].is(Json::Kind::Null)) pairs.back().second.reset();
        }
        return true;
    }

    const Json& json_;
    WrittenMessage& message_;
    MessageJsonError& error_;
};

}  // namespace

Json messageJson(const WrittenMessage& message) {
    Json json = Json::object();
    json.set("input", message.input);
    json.set("topic", shown(message.topic));
    if (message.partition) json.set("partition", Json::number(*message.partition));
    if (message.offset) json.set("offset", offsetText(*message.offset));
    if (message.key) setBytes(json, "key", *message.key);
    if (message.payload)
        setBytes(json, "payload", *message.payload);
    else
        json.set("tombstone", Json::boolean(true));
    if (message.timeMs) json.set("timeMs", Json::number(*message.timeMs));
    setPairs(json, "headers", message.headers);
    setPairs(json, "variables", message.variables);
    return json;
}

bool readMessageJson(const Json& json, WrittenMessage& message, MessageJsonError& error) {
    message = WrittenMessage{};
    return Reader{json, message, error}.read();
}

}  // namespace sluice
