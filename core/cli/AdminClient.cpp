#include "cli/AdminClient.h"

#include <csignal>
#include <cstdlib>
#include <iostream>

#include <Poco/URI.h>

#include "http/HttpClient.h"

namespace sluice::cli {
namespace {

const char* const kDefaultUrl = "http://127.0.0.1:9080";
constexpr std::size_t kAnswerBytesMax = 32u << 20;  // of /tap and of many channels

/// HOST:PORT, as the settings have it, is an address, too.
std::string urlOf(const std::string& given) {
    std::string url = given.find("://") == std::string::npos ? "http://" + given : given;
    while (url.ends_with('/')) url.pop_back();
    if (!isHttpUrl(url))
        throw UsageError{"--admin: `" + given + "` is no address; write it like " + kDefaultUrl};
    return url;
}

/// What the node says of an error, for people.
std::string reasonOf(const HttpAnswer& answer) {
    const std::optional<Json> body = Json::parse(answer.body);
    const Json* const error = body ? body->find("error") : nullptr;
    if (!error) return "it answers with status " + std::to_string(answer.status);
    std::string reason{error->textAt("message")};
    const std::string_view hint = error->textAt("hint");
    return hint.empty() ? reason : reason + " (" + std::string{hint} + ")";
}

}  // namespace

std::vector<OptionSpec> AdminClient::options() {
    return {{"admin", "URL", "The node's admin address; http://127.0.0.1:9080 unless given", false},
            {"key", "KEY",
             "Its key; else that of SLUICE_ADMIN_KEY, which no list of processes shows", false}};
}

AdminClient::AdminClient(const Arguments& arguments)
    : url_{urlOf(arguments.get("admin", kDefaultUrl))}, key_{arguments.get("key")} {
    const char* const fromEnvironment = std::getenv("SLUICE_ADMIN_KEY");
    if (key_.empty() && fromEnvironment != nullptr) key_ = fromEnvironment;
}

std::string AdminClient::text(const std::string& path) const {
    std::vector<std::pair<std::string, std::string>> fields;
    if (!key_.empty()) fields.emplace_back("Authorization", "Bearer " + key_);
    HttpClientLimits limits;
    limits.bodyBytesMax = kAnswerBytesMax;
    HttpAnswer answer;
    try {
        answer = httpGet(url_ + path, fields, limits);
    } catch (const std::runtime_error& error) {
        throw AdminError{"no answer from " + url_ + ": " + error.what()};
    }
    if (answer.status == 401)
        throw AdminError{url_ + " wants " + (key_.empty() ? "a" : "another") +
                         " key: --key KEY, or SLUICE_ADMIN_KEY"};
    if (answer.status != 200) throw AdminError{url_ + path + ": " + reasonOf(answer)};
    return answer.body;
}

Json AdminClient::json(const std::string& path) const {
    std::optional<Json> json = Json::parse(text(path));
    if (!json) throw AdminError{url_ + " does not answer as Sluice does"};
    return *std::move(json);
}

int runAsking(const Arguments& arguments,
              const std::function<int(const AdminClient& node, const Signals& signals)>& ask) {
    const AdminClient node{arguments};
    const Signals signals{SIGINT, SIGTERM};
    try {
        return ask(node, signals);
    } catch (const AdminError& error) {
        std::cerr << "sluice: " << error.what() << '\n';
        return kExitFailed;
    }
}

std::string queryText(std::string_view text) {
    std::string encoded;
    Poco::URI::encode(std::string{text}, "!#$&'()*+,:;=?@[]", encoded);
    return encoded;
}

}  // namespace sluice::cli
