#include "http/HttpResponse.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>

#include "base/JsonText.h"

namespace sluice {
namespace {

void appendMember(std::string& json, std::string_view name, std::string_view value) {
    if (json.back() != '{') json += ',';
    appendJsonString(json, name);
    json += ':';
    appendJsonString(json, value);
}

void appendField(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

}  // namespace

HttpResponse errorResponse(int status, const HttpErrorText& text) {
    HttpResponse response;
    response.status = status;
    response.with("Content-Type", "application/json").with("Cache-Control", "no-store");
    std::string& json = response.body;
    json = R"({"error":{)";
    appendMember(json, "code", text.code);
    appendMember(json, "field", text.field);
    appendMember(json, "message", text.message);
    appendMember(json, "hint", text.hint);
    if (text.column > 0) json += ",\"column\":" + std::to_string(text.column);
    if (!text.excerpt.empty()) appendMember(json, "excerpt", text.excerpt);
    json += "}}\n";
    return response;
}

HttpResponse errorResponse(const HttpRefusal& refusal) {
    return errorResponse(refusal.status, {refusal.code, "", refusal.message, refusal.hint});
}

HttpResponse jsonResponse(std::string json) {
    HttpResponse response;
    response.with("Content-Type", "application/json").with("Cache-Control", "no-store");
    response.body = std::move(json);
    return response;
}

HttpResponse textResponse(std::string text) {
    HttpResponse response;
    response.with("Content-Type", "text/plain; charset=utf-8").with("Cache-Control", "no-store");
    response.body = std::move(text);
    return response;
}

std::string composeResponse(const HttpResponse& response, const ResponseStyle& style) {
    std::string out = style.isHttp10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    out.reserve(256 + response.body.size());
    out += std::to_string(response.status);
    out += ' ';
    out += reasonOf(response.status);
    out += "\r\n";
    appendField(out, "Date", httpDate());
    for (const auto& [name, value] : response.fields) appendField(out, name, value);
    if (response.hasBody) appendField(out, "Content-Length", std::to_string(response.body.size()));
    appendField(out, "Connection", style.keepAlive ? "keep-alive" : "close");
    out += "\r\n";
    if (response.hasBody && !style.isHead) out += response.body;
    return out;
}

std::string httpDate() {
    return Poco::DateTimeFormatter::format(Poco::Timestamp{}, Poco::DateTimeFormat::HTTP_FORMAT);
}

std::string_view reasonOf(int status) {
    using Poco::Net::HTTPResponse;
    // POCO's words are static strings.
    if (status == 431) return "Request Header Fields Too Large";
    return HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status));
}

}  // namespace sluice
