#include "console/ExplainHandler.h"

#include <algorithm>
#include <utility>

#include "base/Nearest.h"
#include "console/MessageJson.h"
#include "http/Cors.h"
#include "mapping/ExplainReport.h"
#include "settings/Findings.h"

namespace sluice {
namespace {

constexpr const char* kShape =
    R"(send {"message": {"input": "shop", "topic": "orders.eu", "payload": {"amount": 9}}})";

/// Entries of `mappings`, with or without that key before them.
std::string wholeFile(std::string text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && text.compare(first, 9, "mappings:") == 0) return text;
    return "mappings:\n" + text;
}

HttpResponse invalid(const Findings& findings) {
    HttpResponse response =
        errorResponse(422, {"invalid-mapping", "mappings", "the mappings have errors",
                            "lines count from the one of `mappings:`"});
    std::optional<Json> json = Json::parse(response.body);
    json->set("problems", findings.json());
    response.body = json->compact() + '\n';
    return response;
}

/// Of the inputs there are, as a message must name one.
std::optional<HttpResponse> chooseInput(const ExplainHandler::InForce& inForce,
                                        WrittenMessage& message) {
    std::vector<std::string> names;
    for (const MappingInput& input : inForce.mappingInputs) names.push_back(input.name);
    if (message.input.empty() && inForce.inputs.size() == 1)
        message.input = inForce.inputs.front().name;
    if (std::find(names.begin(), names.end(), message.input) != names.end()) return std::nullopt;
    return errorResponse(
        400, {"bad-request", "message.input",
              "there is no input '" + message.input + "'" + didYouMean(message.input, names),
              "write the name of an input, or http"});
}

}  // namespace

ExplainHandler::ExplainHandler(std::function<InForce()> inForce) : inForce_{std::move(inForce)} {}

std::optional<HttpResponse> ExplainHandler::handle(const HttpRequest& request, HttpConnection&) {
    if (isOfAnotherOrigin(request))
        return errorResponse(
            403, {"other-origin", "Origin", "pages of other origins may not ask this node", ""});
    const std::optional<Json> body = Json::parse(request.body());
    const Json* const given = body ? body->find("message") : nullptr;
    if (!given)
        return errorResponse(400, {"bad-request", "message", "there is no message", kShape});
    WrittenMessage message;
    MessageJsonError error;
    if (!readMessageJson(*given, message, error))
        return errorResponse(400,
                             {"bad-request", "message." + error.field, error.message, error.hint});
    InForce inForce = inForce_();
    if (auto refusal = chooseInput(inForce, message)) return refusal;
    const std::string yaml{body->textAt("mappings")};
    if (yaml.size() > kYamlBytesMax)
        return errorResponse(413, {"too-large", "mappings", "these mappings are too long",
                                   "try the ones that matter"});
    if (!yaml.empty()) {
        // What is tried must not read the node's secrets.
        Environment nothing;
        nothing.hasFiles = false;
        // The inputs' plugins are loaded, so their separators are known.
        for (std::size_t i = 0; i < inForce.inputs.size(); ++i)
            inForce.inputs[i].separator = inForce.mappingInputs[i].separator;
        const LoadResult file = loadMappings("mappings", wholeFile(yaml), nothing, inForce.inputs);
        Findings findings;
        findings.add(file);
        std::vector<MappingError> errors;
        if (!findings.hasErrors())
            inForce.table =
                MappingTable::compile(file.settings.mappings, inForce.mappingInputs, errors);
        for (const MappingError& one : errors)
            if (!one.isWarning)
                findings.add({one.mark, one.code, one.message, one.hint, false}, &file);
        if (findings.hasErrors()) return invalid(findings);
    }
    return jsonResponse(explained(inForce.table, std::move(message)).json().compact() + '\n');
}

}  // namespace sluice
