#include "http/HistoryHandler.h"

#include <array>
#include <charconv>

#include "base/JsonText.h"
#include "http/HistoryQuery.h"

namespace sluice {
namespace {

std::string hex(std::uint64_t number) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

std::string_view truth(bool value) {
    return value ? "true" : "false";
}

/// What can differ between answers to one request.
std::string tagOf(const HistoryPage& page, const Epoch& epoch, bool isComplete) {
    std::string tag = "W/\"";
    tag.append(epoch.data(), epoch.size());
    tag += '-' + hex(page.body.eventCount()) + '-' + hex(page.lastSeq);
    tag += page.isStartGone ? 'g' : '-';
    tag += isComplete ? 'c' : '-';
    return tag + hex(std::hash<std::string>{}(page.body.gaps())) + '"';
}

/// RFC 9110 section 13.1.2: weak comparison with a list.
bool names(std::string_view list, std::string_view tag) {
    tag.remove_prefix(2);  // W/
    return list == "*" || list.find(tag) != std::string_view::npos;
}

std::string jsonOf(std::string_view path, const HistoryPage& page, const HistoryQuery& query,
                   bool isComplete) {
    std::string json = page.body.openJson() + R"(,"channel":)";
    appendJsonString(json, query.request.channel);
    json.append(R"(,"evicted":)").append(truth(page.isStartGone));
    json.append(R"(,"complete":)").append(truth(isComplete)).append(R"(,"next":)");
    const bool canGoOn = page.isCut || !page.isComplete;
    if (canGoOn)
        appendJsonString(json, std::string{path} + "?after=" + page.body.id() + query.rest);
    else
        json += "null";
    return json + "}\n";
}

std::string cacheControl(bool isComplete, const Caller& caller) {
    if (!isComplete) return caller.isAnybody() ? "no-cache" : "private, no-cache";
    return std::string{caller.isAnybody() ? "public" : "private"} + ", max-age=31536000, immutable";
}

}  // namespace

HistoryHandler::HistoryHandler(const HistoryOptions& options, const Hub& hub,
                               const Origins& origins, const Clock& clock)
    : options_{options}, hub_{hub}, origins_{origins}, clock_{clock} {}

std::optional<HttpResponse> HistoryHandler::handle(const HttpRequest& request, const Caller& caller,
                                                   HttpConnection&) {
    HistoryQuery query;
    if (auto error = readHistoryQuery(request, options_, clock_.wallMs(), query)) return error;
    if (auto refusal = caller.refusal({query.request.channel}, "path")) return refusal;
    const HistoryPage page = readHistory(hub_, origins_, query.request);
    // Whatever is gone may be gone further back the next time.
    const bool isComplete =
        query.isFixed && page.isComplete && !page.isStartGone && !page.body.hasGaps();
    const std::string tag = tagOf(page, hub_.epoch(), isComplete);
    HttpResponse response;
    response.with("Cache-Control", cacheControl(isComplete, caller)).with("ETag", tag);
    if (names(request.header("if-none-match").value_or(""), tag)) {
        response.status = 304;
        response.hasBody = false;
        return response;
    }
    response.with("Content-Type", "application/json");
    response.body = jsonOf(request.path(), page, query, isComplete);
    return response;
}

}  // namespace sluice
