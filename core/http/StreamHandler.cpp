#include "http/StreamHandler.h"

#include <memory>
#include <utility>

#include "http/StreamQuery.h"
#include "net/Wire.h"

namespace sluice {
namespace {

/// The head of every stream (design.md section 5).
HttpResponse streamHead(Format format, Framing framing) {
    HttpResponse head;
    head.hasBody = false;
    const bool isPoll = format == Format::Poll;
    head.with("Content-Type", isPoll ? "application/json" : "text/event-stream")
        .with("Cache-Control", isPoll ? "no-store" : "no-store, no-transform")
        .with("X-Accel-Buffering", "no");
    if (framing == Framing::Chunked) head.with("Transfer-Encoding", "chunked");
    return head;
}

/// Whatever the query said about blocks, an answer has one form.
void makePoll(SubscriptionSpec& spec) {
    spec.format = Format::Poll;
    spec.envelope = true;
    spec.control = Control::Events;
}

void makeCyclone(Format format, StreamQuery& query) {
    query.spec.format = format;
    query.spec.control = Control::Pings;
    if (format == Format::FirstEvent) query.resume.limit = 1;
}

}  // namespace

StreamHandler::StreamHandler(const StreamOptions& options, const Cors* cors, EventFilters* filters,
                             const Clock& clock, Adopt adopt)
    : options_{options}, cors_{cors}, filters_{filters}, clock_{clock}, adopt_{std::move(adopt)} {}

std::optional<HttpResponse> StreamHandler::handle(const HttpRequest& request,
                                                  HttpConnection& connection) {
    StreamQuery query;
    const bool isPoll = options_.format == Format::Poll;
    if (auto error = readStreamQuery(
            request,
            {isPoll ? "/poll" : "/events", options_.channelsMax, clock_.wallMs(), filters_}, query))
        return error;
    if (isPoll && query.resume.start.kind == Start::Kind::Snapshot)
        return errorResponse(400,
                             {"bad-request", "from", "a poll cannot begin with a snapshot",
                              "read it as a stream, /events?from=snapshot, and go on with its id"});
    if (isPoll) makePoll(query.spec);
    if (options_.isCyclone) makeCyclone(options_.format, query);
    HttpResponse head = streamHead(options_.format, query.spec.framing);
    if (request.method() == "HEAD") return head;
    if (cors_ != nullptr)
        for (auto& [name, value] : cors_->fields(request))
            head.with(std::move(name), std::move(value));

    StreamRequest stream;
    stream.responseHead =
        composeResponse(head, {.isHttp10 = request.isHttp10(), .keepAlive = false});
    stream.spec = std::move(query.spec);
    stream.resume = std::move(query.resume);
    // A script that takes one answer after the other gives up at the first that is no 200.
    const bool acceptsEventStream = options_.format == Format::FirstEvent ||
                                    (!isPoll && request.headerHas("accept", "text/event-stream"));
    // From here on nobody can be answered: nothing below throws.
    Fd socket = connection.takeSocket();
    tuneForStreaming(socket.get(), options_.stall);
    stream.wire = std::make_unique<PlainWire>(std::move(socket));
    adopt_(std::move(stream), acceptsEventStream);
    return std::nullopt;
}

}  // namespace sluice
