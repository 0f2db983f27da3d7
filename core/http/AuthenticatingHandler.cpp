#include "http/AuthenticatingHandler.h"

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "base/Log.h"

namespace sluice {

AuthenticatingHandler::AuthenticatingHandler(CallerHandler& next, Access* access, Waiting waiting)
    : next_{next}, access_{access}, waiting_{waiting} {}

std::optional<HttpResponse> AuthenticatingHandler::handle(const HttpRequest& request,
                                                          HttpConnection& connection) {
    if (!access_) return next_.handle(request, Caller::anybody(), connection);
    Access::Found found = access_->look(request);
    if (auto* const question = std::get_if<Access::Question>(&found))
        return wait(std::move(*question), request, connection);
    return serve(std::move(std::get<Verdict>(found)), request, connection);
}

std::optional<HttpResponse> AuthenticatingHandler::serve(Verdict verdict,
                                                         const HttpRequest& request,
                                                         HttpConnection& connection) {
    if (verdict.refusal != Refusal::None) return access_->refuse(verdict.refusal, request);
    const Caller caller = access_->caller(std::move(verdict), request);
    std::optional<HttpResponse> response = next_.handle(request, caller, connection);
    if (response) response->with("Vary", access_->dependsOn());
    if (response && response->status == 401) return access_->refuse(Refusal::NoToken, request);
    if (response && response->status == 403) access_->countForbidden();
    return response;
}

std::optional<HttpResponse> AuthenticatingHandler::wait(Access::Question question,
                                                        const HttpRequest& request,
                                                        HttpConnection& connection) {
    const bool isOfKeys = question.of == Access::Question::Of::Keys;
    Tasks& tasks = isOfKeys ? waiting_.keys : waiting_.application;
    // Shared, as std::function wants what can be copied; nobody copies it.
    const std::shared_ptr<HeldRequest> held = connection.defer(request);
    const auto until = std::chrono::steady_clock::now() + question.patience();
    std::function<void()> task = [this, held, until, question = std::move(question)] {
        if (std::chrono::steady_clock::now() < until) return serveLater(question, *held);
        // Others waited before it for an application that is slow.
        answer(*held, access_->refuse(Refusal::Unavailable, held->request()));
    };
    if (!tasks.run(task)) answer(*held, access_->refuse(Refusal::Unavailable, held->request()));
    return std::nullopt;
}

void AuthenticatingHandler::serveLater(const Access::Question& question,
                                       HeldRequest& held) noexcept {
    try {
        const HttpRequest& request = held.request();
        std::optional<HttpResponse> response =
            serve(access_->answer(request, question), request, held);
        if (response) answer(held, std::move(*response));  // else a stream took the socket
    } catch (const std::exception& error) {
        log::limited(log::Level::Error, "http", "handler-failed",
                     "a handler failed: " + std::string{error.what()});
        held.answer(errorResponse(500, {"internal", "", "the request could not be served", ""}));
    }
}

/// As the router does for what is answered at once.
void AuthenticatingHandler::answer(HeldRequest& held, HttpResponse response) const noexcept {
    if (waiting_.guesses) waiting_.guesses->count(held.request(), response);
    if (waiting_.cors)
        for (auto& [name, value] : waiting_.cors->fields(held.request()))
            response.with(std::move(name), std::move(value));
    held.answer(response);
}

}  // namespace sluice
