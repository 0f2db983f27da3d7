#include "http/CycloneHandlers.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "base/JsonText.h"
#include "base/Pattern.h"
#include "http/Authorization.h"
#include "http/CycloneForm.h"

namespace sluice {
namespace {

std::string percentEncode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0) {
            out += c;
        } else {
            char escape[4];
            std::snprintf(escape, sizeof escape, "%%%02X", byte);
            out += escape;
        }
    }
    return out;
}

/// The patterns of all `channels`, encoded and joined; empty: none is named.
std::string channelsOf(const HttpParameters& parameters) {
    std::string list;
    for (const auto& [name, value] : parameters) {
        if (name != "channels") continue;
        for (std::string_view rest = value; !rest.empty();) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            if (end > 0)
                list +=
                    (list.empty() ? "" : ",") + percentEncode(patternOfGlob(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return list;
}

bool isSendableKey(std::string_view key) {
    return !key.empty() &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

HttpResponse refused(int status, std::string_view message) {
    const bool isKey = status == 401;
    return errorResponse(status, {isKey ? "unauthorized" : "bad-event", isKey ? "key" : "message",
                                  message, "send a form with key, channel and message"});
}

}  // namespace

std::string patternOfGlob(std::string_view name) {
    std::string pattern;
    int captures = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '{' || name[i] == '}') pattern += name[i];
        if (name[i] != '*')
            pattern += name[i];
        else if (i + 1 == name.size())
            pattern += "{rest**}";
        else
            pattern += "{x" + std::to_string(captures++) + '}';
    }
    return pattern;
}

std::string globOfPattern(std::string_view text) {
    const std::optional<Pattern> pattern = Pattern::parse(text, '/', nullptr);
    if (!pattern) return std::string{text};
    std::string name;
    for (const Pattern::Part& part : pattern->parts()) name += part.isCapture ? "*" : part.text;
    return name;
}

std::optional<HttpResponse> CycloneStreams::handle(const HttpRequest& request,
                                                   HttpConnection& connection) {
    const auto parameters = parseParameters(request.query());
    const std::string channels = parameters ? channelsOf(*parameters) : std::string{};
    if (channels.empty() && pages_) return pages_->handle(request, connection);
    std::string target = "/events?channels=" + channels;
    for (const auto& [name, value] : parameters.value_or(HttpParameters{}))
        if (name == "access_token") target += "&access_token=" + percentEncode(value);
    const bool isScript = request.header("x-requested-with").value_or("") == "XMLHttpRequest";
    return (isScript ? answers_ : streams_).handle(request.rewritten(target, "", ""), connection);
}

std::optional<HttpResponse> CyclonePublish::handle(const HttpRequest& request,
                                                   HttpConnection& connection) {
    const std::optional<CycloneForm> form = cycloneFormOf(request);
    if (!form) return publish_.handle(request, connection);
    if (!isSendableKey(form->key)) return refused(401, "the key is missing or wrong");
    const std::string bearer = "Authorization: Bearer " + form->key + "\r\n";
    // An empty body has the key looked at before what is missing is told.
    const bool isWhole = !form->channels.empty() && !form->message.empty();
    auto response = publish_.handle(
        request.rewritten("/publish", bearer, isWhole ? form->json() : std::string{}), connection);
    if (!response) return response;
    const int status = response->status;
    if (status == 200) return jsonResponse("{\"status\": \"ok\"}");
    if (status == 401) return refused(401, "the key is missing or wrong");
    if (!isWhole && status == 400) return refused(400, "channel or message is missing");
    if (status == 413 || status == 415 || status == 422) response->status = 400;
    return response;
}

CycloneStats::CycloneStats(const std::vector<std::string>& keys, Count count)
    : count_{std::move(count)} {
    for (const std::string& key : keys)
        if (!key.empty()) keys_.push_back(digestOf(key));
}

/// All are looked at, so that the time says nothing.
bool CycloneStats::isKey(std::string_view text) const {
    const Digest digest = digestOf(text);
    bool isOne = false;
    for (const Digest& key : keys_) isOne = areEqual(key, digest) || isOne;
    return isOne;
}

std::optional<HttpResponse> CycloneStats::handle(const HttpRequest& request, HttpConnection&) {
    if (keys_.empty())
        return errorResponse(403, {"stats-disabled", "key", "there is no key for statistics",
                                   "set publish.key or admin.read_key, and send it as "
                                   "/stats?key=KEY"});
    std::string given{bearerOf(request).value_or("")};
    // Written otherwise it would not count as a guess.
    const bool hasKey = request.query().find("key=") != std::string_view::npos;
    if (const auto parameters = parseParameters(request.query()); hasKey && parameters)
        for (const auto& [name, value] : *parameters)
            if (name == "key") given = value;
    if (!isKey(given))
        return errorResponse(401, {"unauthorized", "key", "the key is missing or wrong",
                                   "send publish.key or admin.read_key: /stats?key=KEY, or the "
                                   "header Authorization: Bearer KEY"});
    const std::optional<Counts> counts = count_();
    if (!counts)
        return errorResponse(503, {"busy", "", "the streams cannot be counted now", ""})
            .with("Retry-After", "1");
    Counts byName;
    for (const auto& [pattern, readers] : *counts) byName[globOfPattern(pattern)] += readers;
    std::string json = "[";
    for (const auto& [name, readers] : byName) {
        json += json.size() > 1 ? ", [" : "[";
        appendJsonString(json, name);
        json += ", " + std::to_string(readers) + ']';
    }
    return jsonResponse(json + ']');
}

}  // namespace sluice
