#include <algorithm>
#include <utility>

#include "http/GateLoop.h"

namespace sluice {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kLingerBytesMax = 1024 * 1024;

const HttpResponse& tooManyBodies() {
    static const HttpResponse response =
        errorResponse(503, {"busy", "", "too many request bodies at once", "try again soon"})
            .with("Retry-After", "1");
    return response;
}

}  // namespace

void GateLoop::beginFirstRequest(Connection& connection) {
    connection.phase = Connection::Phase::Head;
    connection.headBegan = true;  // the time for the head runs from here
    connection.waitsSinceUs = nowUs_;
    setDeadline(connection, options_.headTimeout);
    pump(connection);
}

void GateLoop::beginRequest(Connection& connection) {
    connection.phase = Connection::Phase::Head;
    connection.headBegan = false;
    connection.request = HttpRequest{};
    connection.out.clear();
    connection.outTaken = 0;
    connection.waitsSinceUs = nowUs_;
    setDeadline(connection, options_.idleTimeout);
    pump(connection);
}

/// Reads until there is no more or the request is whole. The connection may be gone afterwards.
void GateLoop::pump(Connection& connection) {
    for (;;) {
        Step step = Step::Next;
        if (connection.phase == Connection::Phase::Head) step = understandHead(connection);
        if (step == Step::Next) step = understandBody(connection);
        if (step == Step::Done || !receive(connection)) return;
    }
}

/// Whether bytes came; else the connection waits or is gone.
bool GateLoop::receive(Connection& connection) {
    const ReadResult read = connection.wire->read(scratch_.data(), scratch_.size());
    if (read.state == ReadResult::State::Closed) drop(connection);
    if (read.state != ReadResult::State::Ok) return false;
    connection.in.append(scratch_.data(), read.got);
    return true;
}

GateLoop::Step GateLoop::understandHead(Connection& connection) {
    if (connection.in.empty()) return Step::NeedsMore;
    if (!connection.headBegan) {
        connection.headBegan = true;
        setDeadline(connection, options_.headTimeout);
    }
    const HeadResult result = parseHead(connection.in, options_.limits, connection.head);
    if (result.state == HeadState::Incomplete) return Step::NeedsMore;
    if (result.state == HeadState::Refused) {
        answer(connection, errorResponse(result.refusal));
        return Step::Done;
    }
    connection.headText = connection.in.substr(0, connection.head.length);
    connection.in.erase(0, connection.head.length);
    connection.body.clear();
    connection.phase = Connection::Phase::Body;
    if (connection.head.body == RequestHead::Body::None) return Step::Next;
    setDeadline(connection, options_.bodyTimeout);
    if (connection.head.body == RequestHead::Body::Chunked)
        connection.chunked = std::make_unique<ChunkedBody>();
    if (connection.head.expectsContinue && connection.in.empty()) {
        // A socket that takes no 25 bytes now has worse troubles.
        const WriteResult sent = connection.wire->write(kContinue.data(), kContinue.size());
        if (sent.state != WriteResult::State::Ok) {
            drop(connection);
            return Step::Done;
        }
    }
    return Step::Next;
}

GateLoop::Step GateLoop::understandBody(Connection& connection) {
    std::string& in = connection.in;
    if (connection.chunked) {
        ChunkedBody& chunked = *connection.chunked;
        in.erase(0, chunked.feed(in, options_.limits.bodyBytesMax, connection.body));
        if (chunked.state() == HeadState::Refused) {
            answer(connection, errorResponse(chunked.refusal()));
            return Step::Done;
        }
        if (!countBody(connection)) return Step::Done;
        if (chunked.state() == HeadState::Incomplete) return Step::NeedsMore;
    } else {
        const std::size_t left = connection.head.contentLength - connection.body.size();
        const std::size_t taken = std::min(left, in.size());
        connection.body.append(in, 0, taken);
        in.erase(0, taken);
        if (!countBody(connection)) return Step::Done;
        if (taken < left) return Step::NeedsMore;
    }
    handOver(connection);
    return Step::Done;
}

/// Whether the body still fits in what all bodies may take; else 503 was answered.
bool GateLoop::countBody(Connection& connection) {
    bodiesBytes_ += connection.body.size() - connection.bodyBytesCounted;
    connection.bodyBytesCounted = connection.body.size();
    if (bodiesBytes_ <= options_.bodiesBytesMax) return true;
    answer(connection, tooManyBodies());
    return false;
}

void GateLoop::handOver(Connection& connection) {
    connection.chunked.reset();
    RequestOrigin origin = connection.origin;
    if (connection.isProxy)
        believeProxy(options_.trust, connection.head, connection.headText, origin);
    const bool isTooSoon = connection.isShed || comesTooSoon(connection, origin);
    connection.request = HttpRequest{std::move(connection.headText), std::move(connection.head),
                                     std::move(connection.body), std::move(origin)};
    if (isTooSoon) return answerLater(connection);
    connection.headText.clear();
    connection.body.clear();
    connection.out.clear();
    connection.outTaken = 0;
    connection.keepAlive = false;
    clearDeadline(connection);
    const auto found = connections_.find(connection.id);
    std::unique_ptr<Connection> owned = std::move(found->second);
    connections_.erase(found);
    ++counts_.requests;
    exchange_.offer(std::move(owned));
}

/// Answers here, as the last response of the connection.
void GateLoop::answer(Connection& connection, const HttpResponse& response) {
    ++counts_.refused;
    connection.chunked.reset();
    connection.body = std::string{};
    bodiesBytes_ -= std::exchange(connection.bodyBytesCounted, 0);
    connection.out = composeResponse(response, {.isHttp10 = false, .keepAlive = false});
    connection.outTaken = 0;
    connection.keepAlive = false;
    connection.phase = Connection::Phase::Writing;
    clearDeadline(connection);
    flush(connection);
}

void GateLoop::flush(Connection& connection) {
    while (connection.outTaken < connection.out.size()) {
        const WriteResult sent =
            connection.wire->write(connection.out.data() + connection.outTaken,
                                   connection.out.size() - connection.outTaken);
        if (sent.state == WriteResult::State::Closed) return drop(connection);
        connection.outTaken += sent.taken;
        if (sent.state == WriteResult::State::Ok) continue;
        if (connection.deadlineUs == 0) setDeadline(connection, options_.writeTimeout);
        return;
    }
    if (connection.keepAlive) return beginRequest(connection);
    linger(connection);
}

/// Says that nothing more comes and waits for the peer to close: closing while its bytes are
/// unread would reset the connection and could destroy the response on its way.
void GateLoop::linger(Connection& connection) {
    connection.phase = Connection::Phase::Lingering;
    connection.in = std::string{};
    connection.out = std::string{};
    connection.outTaken = 0;
    setDeadline(connection, options_.lingerTimeout);
    connection.wire->finish();
    drainLingering(connection);
}

void GateLoop::drainLingering(Connection& connection) {
    for (;;) {
        const ReadResult read = connection.wire->read(scratch_.data(), scratch_.size());
        if (read.state == ReadResult::State::Again) return;
        if (read.state == ReadResult::State::Closed) return drop(connection);
        connection.lingeredBytes += read.got;
        if (connection.lingeredBytes > kLingerBytesMax) return drop(connection);
    }
}

}  // namespace sluice
