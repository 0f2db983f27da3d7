#include "node/ReloadHandler.h"

#include <utility>

#include "http/Cors.h"

namespace sluice {
namespace {

HttpResponse invalid(const Findings& findings) {
    HttpResponse response = errorResponse(
        422, {"invalid-configuration", "", "the configuration has errors; nothing was changed",
              "correct the problems and ask again"});
    std::optional<Json> json = Json::parse(response.body);
    json->set("problems", findings.json());
    response.body = json->compact() + '\n';
    return response;
}

}  // namespace

HttpResponse responseOf(const ReloadAnswer& answer) {
    using State = ReloadAnswer::State;
    switch (answer.state) {
        case State::Done:
        case State::Unchanged: {
            Json json = Json::object();
            json.set("changed", Json::boolean(answer.state == State::Done));
            json.set("changes", answer.changes.json());
            json.set("problems", answer.findings.json());
            return jsonResponse(json.compact() + '\n');
        }
        case State::Invalid:
            return invalid(answer.findings);
        case State::NoFile:
            return errorResponse(
                409, {"no-file", "", "this node runs without a file: there is nothing to reload",
                      "start it with `sluice run FILE.yaml`"});
        case State::Ending:
            return errorResponse(503, {"ending", "", "the node is shutting down", ""});
        case State::Failed:
            break;
    }
    return errorResponse(500, {"internal", "", "the reload failed: " + answer.message, ""});
}

std::optional<HttpResponse> ReloadHandler::handle(const HttpRequest& request, HttpConnection&) {
    if (isOfAnotherOrigin(request))
        return errorResponse(
            403, {"other-origin", "Origin", "pages of other origins may not reload this node", ""});
    return responseOf(reloader_.reload("POST /reload"));
}

}  // namespace sluice
