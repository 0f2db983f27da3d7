#include "http/StreamHandler.h"

#include <memory>
#include <utility>

#include "delivery/Shed.h"
#include "http/LimitKeys.h"
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

/// A browser takes any status but 200 for a reason never to come again.
HttpResponse tooManyStreams(bool acceptsEventStream) {
    HttpResponse response;
    if (acceptsEventStream) {
        response.with("Content-Type", "text/event-stream").with("Cache-Control", "no-store");
        response.body = "retry: " + std::to_string(kShedRetryMs) + "\n";
        return response;
    }
    return errorResponse(503, {"too-many-streams", "", "this client has as many streams as it may",
                               "close one, or put several channels into one"})
        .with("Retry-After", std::to_string(kShedRetryMs / 1'000));
}

/// Whatever the query said about blocks, an answer has one form.
void makePoll(SubscriptionSpec& spec) {
    spec.format = Format::Poll;
    spec.envelope = true;
    spec.control = Control::Events;
}

void makeOld(Format format, Control control, StreamQuery& query) {
    query.spec.format = format;
    query.spec.control = control;
    if (format == Format::FirstEvent) query.resume.limit = 1;
}

}  // namespace

StreamHandler::StreamHandler(const StreamOptions& options, const Cors* cors, EventFilters* filters,
                             ClientLimits& limits, const Clock& clock, Adopt adopt)
    : options_{options},
      cors_{cors},
      filters_{filters},
      limits_{limits},
      clock_{clock},
      adopt_{std::move(adopt)} {}

std::optional<HttpResponse> StreamHandler::handle(const HttpRequest& request, const Caller& caller,
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
    if (auto refusal = caller.refusal(query.spec.channels, "channels")) return refusal;
    query.spec.guard = caller.guardFor(query.spec.channels);
    if (isPoll) makePoll(query.spec);
    if (options_.control) makeOld(options_.format, *options_.control, query);
    HttpResponse head = streamHead(options_.format, query.spec.framing);
    if (request.method() == "HEAD") return head;
    // A script that takes one answer after the other gives up at the first that is no 200.
    const bool acceptsEventStream = options_.format == Format::FirstEvent ||
                                    (!isPoll && request.headerHas("accept", "text/event-stream"));
    ClientLimits::Permit permit = limits_.openStream(limitKeysOf(request, caller.subject()));
    if (!permit) return tooManyStreams(acceptsEventStream);
    if (cors_ != nullptr)
        for (auto& [name, value] : cors_->fields(request))
            head.with(std::move(name), std::move(value));

    StreamRequest stream;
    stream.responseHead =
        composeResponse(head, {.isHttp10 = request.isHttp10(), .keepAlive = false});
    stream.spec = std::move(query.spec);
    stream.resume = std::move(query.resume);
    stream.admission = caller.admission();
    stream.address = IpAddress::parse(request.peer()).value_or(IpAddress{});
    // From here on nobody can be answered: nothing below throws.
    stream.wire = connection.takeWire();
    stream.wire->keep(std::move(permit));
    tuneForStreaming(stream.wire->fd(), options_.stall);
    adopt_(std::move(stream), acceptsEventStream);
    return std::nullopt;
}

}  // namespace sluice
