#include "http/SubscribersHandler.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/JsonText.h"
#include "http/WholeNumber.h"

namespace sluice {
namespace {

std::string textOf(StreamNumber number) {
    return std::to_string(number.loop) + '.' + std::to_string(number.place) + '.' +
           std::to_string(number.generation);
}

std::optional<StreamNumber> numberOf(std::string_view text) {
    std::array<std::uint32_t, 3> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t dot = i + 1 < parts.size() ? text.find('.') : text.size();
        if (dot == std::string_view::npos || !readWhole(text.substr(0, dot), parts[i]))
            return std::nullopt;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return StreamNumber{parts[0], parts[1], parts[2]};
}

std::optional<StreamState> stateOf(std::string_view name) {
    for (std::size_t i = 0; i < kStreamStates; ++i)
        if (nameOf(static_cast<StreamState>(i)) == name) return static_cast<StreamState>(i);
    return std::nullopt;
}

HttpResponse badRequest(std::string_view field, std::string_view message, std::string_view hint) {
    return errorResponse(400, {"bad-request", field, message, hint});
}

/// What is wrong with one parameter; those that are not known are ignored.
std::optional<HttpResponse> readParameter(const std::string& name, const std::string& value,
                                          StreamWish& wish) {
    if (name == "channel") wish.channel = value;
    if (name == "subject") wish.subject = value;
    if (name == "state" && !value.empty() && !(wish.state = stateOf(value)))
        return badRequest(name, "there is no such state",
                          "write resolving, catching_up, live or straggling");
    if (name == "after" && !value.empty() && !(wish.after = numberOf(value)))
        return badRequest(name, "this is no number of a stream", "send `next` of the page before");
    if (name == "order" && value != "lag" && value != "number")
        return badRequest(name, "there is no such order", "write order=lag or order=number");
    if (name == "order") wish.isByLag = value == "lag";
    if (name != "limit") return std::nullopt;
    if (readWhole(value, wish.max) && wish.max >= 1 && wish.max <= SubscribersHandler::kPageMax)
        return std::nullopt;
    return badRequest(name, "limit has to be a number from 1 to 1000", "");
}

void appendList(std::string& json, std::string_view name, const std::vector<std::string>& texts) {
    json.append(",\"").append(name).append("\":[");
    for (const std::string& text : texts) {
        if (&text != &texts.front()) json += ',';
        appendJsonString(json, text);
    }
    json += ']';
}

void appendText(std::string& json, std::string_view name, const std::string& text) {
    if (text.empty()) return;
    json.append(",\"").append(name).append("\":");
    appendJsonString(json, text);
}

template <typename Number>
void appendNumber(std::string& json, std::string_view name, Number number) {
    json.append(",\"").append(name).append("\":").append(std::to_string(number));
}

void appendStream(std::string& json, const StreamStatus& stream) {
    json += R"({"stream":")" + textOf(stream.number) + '"';
    appendText(json, "address", stream.address);
    appendText(json, "subject", stream.subject);
    appendList(json, "channels", stream.channels);
    if (stream.channelCount > stream.channels.size())
        appendNumber(json, "channelCount", stream.channelCount);
    if (!stream.types.empty()) appendList(json, "types", stream.types);
    appendText(json, "filter", stream.filter);
    json.append(R"(,"state":")").append(nameOf(stream.state)) += '"';
    json += R"(,"lag":)";
    if (stream.lag) {
        json += R"({"events":)" + std::to_string(stream.lag->events);
        appendNumber(json, "ms", stream.lag->ms);
        json += stream.lag->isAtLeast ? R"(,"atLeast":true})" : "}";
    } else {
        json += "null";
    }
    appendNumber(json, "unsentBytes", stream.unsentBytes);
    appendNumber(json, "ageMs", stream.ageMs);
    appendNumber(json, "silentMs", stream.silentMs);
    if (stream.endsMs != 0) appendNumber(json, "endsMs", stream.endsMs);
    json += '}';
}

}  // namespace

SubscribersHandler::SubscribersHandler(Look look, Count count)
    : look_{std::move(look)}, count_{std::move(count)} {}

std::optional<HttpResponse> SubscribersHandler::handle(const HttpRequest& request,
                                                       HttpConnection&) {
    const auto parameters = parseParameters(request.query());
    if (!parameters)
        return badRequest("query", "a % has to be followed by two hexadecimal digits", "");
    StreamWish wish;
    for (const auto& [name, value] : *parameters)
        if (auto error = readParameter(name, value, wish)) return error;
    const std::optional<StreamsSeen> seen = look_(wish);
    if (!seen)
        return errorResponse(
                   503, {"busy", "", "too many look at the streams, or the node ends", "try again"})
            .with("Retry-After", "1");
    std::string json = R"({"open":)" + std::to_string(count_()) + R"(,"subscribers":[)";
    for (const StreamStatus& stream : seen->streams) {
        if (&stream != &seen->streams.front()) json += ',';
        appendStream(json, stream);
    }
    json += ']';
    if (wish.isByLag) appendNumber(json, "matching", seen->matching);
    if (!wish.isByLag && seen->hasMore && !seen->streams.empty())
        appendText(json, "next", textOf(seen->streams.back().number));
    return jsonResponse(json + "}\n");
}

}  // namespace sluice
