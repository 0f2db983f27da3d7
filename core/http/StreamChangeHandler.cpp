#include "http/StreamChangeHandler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/Json.h"
#include "base/JsonText.h"
#include "base/Pattern.h"
#include "delivery/SocketEnd.h"
#include "event/EventBatch.h"
#include "net/Wire.h"

namespace sluice {
namespace {

constexpr std::string_view kPath = "/streams/";
constexpr std::string_view kRenewal = "/auth";
constexpr std::string_view kShapeHint =
    R"(send {"add": ["orders/us"], "remove": ["orders/eu"]}; either may be left out)";

/// Reads the body. The first thing that is wrong is `error`.
class Reader {
  public:
    explicit Reader(StreamChange& change) : change_{change} {}

    std::optional<HttpResponse> read(std::string_view body) {
        const std::optional<Json> json = Json::parse(body);
        if (!json || !json->is(Json::Kind::Object)) {
            refuse("", "the body is no JSON object");
            return std::move(error);
        }
        for (std::size_t i = 0; i < json->keys().size(); ++i)
            member(json->keys()[i], json->items()[i]);
        if (change_.add.empty() && change_.remove.empty())
            refuse("", "there is no channel to add and none to remove");
        return std::move(error);
    }

  private:
    void refuse(const std::string& field, const std::string& message,
                std::string_view hint = kShapeHint) {
        if (!error) error = errorResponse(400, {"bad-request", field, message, hint});
    }

    void member(const std::string& key, const Json& list) {
        if (key != "add" && key != "remove")
            return refuse(key, "a change of a stream has no member \"" + key + "\"");
        if (!list.is(Json::Kind::Array)) return refuse(key, key + " is no list");
        for (const Json& item : list.items()) channel(key, item);
    }

    void channel(const std::string& key, const Json& item) {
        Pattern::Error problem;
        const std::string& name = item.text();
        if (!item.is(Json::Kind::String) || !mayNameChannels(name))
            return refuse(key, "this is no channel name: " + name,
                          "1 to 255 bytes of UTF-8 without control characters, comma, ? and #, "
                          "not beginning with sluice.");
        if (!Pattern::parse(name, '/', &problem)) return refuse(key, problem.message, problem.hint);
        (key == "add" ? change_.add : change_.remove).push_back(name);
    }

    StreamChange& change_;
    std::optional<HttpResponse> error;
};

HttpResponse gone() {
    return errorResponse(404,
                         {"no-such-stream", "token", "this stream has ended, or is on another node",
                          "connect again with the last id and the channels that you want"});
}

HttpResponse noRoom() {
    return errorResponse(503, {"overloaded", "", "this node has no room for the change",
                               "try again in a second"})
        .with("Retry-After", "1");
}

std::unique_ptr<ChangeAuthority> authorityOf(const Caller& caller) {
    if (caller.isAnybody()) return nullptr;
    auto authority = std::make_unique<ChangeAuthority>();
    authority->guard = caller.guard();
    authority->admission = caller.admission();
    return authority;
}

std::optional<HttpResponse> renew(const Caller& caller, StreamChange& change) {
    if (caller.isAnybody())
        return errorResponse(404, {"no-auth", "path", "streams of this node need no token",
                                   "a stream lasts without this"});
    change.authority = authorityOf(caller);
    change.authority->renews = true;
    return std::nullopt;
}

/// Sends what the loop answers, over the socket of the request.
std::function<void(const ChangeOutcome&)> answerOver(std::unique_ptr<Wire> wire,
                                                     Cors::Fields fields, bool isHttp10,
                                                     std::size_t channelsMax) {
    // Shared, as std::function wants what can be copied; nobody copies it.
    const std::shared_ptr<Wire> owned = std::move(wire);
    return [owned, fields = std::move(fields), isHttp10, channelsMax](const ChangeOutcome& what) {
        HttpResponse response = responseOf(what, channelsMax);
        for (const auto& [name, value] : fields) response.with(name, value);
        const std::string text =
            composeResponse(response, {.isHttp10 = isHttp10, .keepAlive = false});
        // It fits the socket's buffer, or the client does not read.
        owned->write(text.data(), text.size());
        discardInput(owned->fd());
    };
}

}  // namespace

HttpResponse responseOf(const ChangeOutcome& outcome, std::size_t channelsMax) {
    using State = ChangeOutcome::State;
    switch (outcome.state) {
        case State::Done: {
            std::string json = R"({"channels":[)";
            for (const std::string& channel : outcome.channels) {
                if (&channel != &outcome.channels.front()) json += ',';
                appendJsonString(json, channel);
            }
            return jsonResponse(json + "]}\n");
        }
        case State::Gone:
            return gone();
        case State::Behind:
            return errorResponse(409, {"catching-up", "token",
                                       "the stream is still catching up; nothing was changed",
                                       "try again when it has"});
        case State::TooMany:
            return errorResponse(
                400, {"bad-request", "add",
                      "a stream takes at most " + std::to_string(channelsMax) + " channels",
                      "use a pattern such as orders/{region}, or another stream"});
        case State::None:
            return errorResponse(400, {"bad-request", "remove", "no channel would be left",
                                       "close the stream instead"});
        case State::FilterNotAllowed:
            return errorResponse(403, {"filter-not-allowed", "add",
                                       "the stream has a filter, and an added channel takes none",
                                       "open another stream without a filter"});
        case State::NotYours:
            return errorResponse(
                403, {"not-yours", "authorization", "the stream was opened by somebody else",
                      "send a token of the same subject"});
        case State::NotAllowed:
            return errorResponse(403, {"forbidden", "authorization",
                                       "this token may not read " + outcome.channels.front() +
                                           ", which the stream has; nothing was changed",
                                       "take the channel from the stream first"});
        case State::NoRoom:
            return noRoom();
    }
    return gone();
}

StreamChangeHandler::StreamChangeHandler(std::size_t channelsMax, const Cors* cors,
                                         EventFilters* filters, Streams streams)
    : channelsMax_{channelsMax}, cors_{cors}, filters_{filters}, streams_{std::move(streams)} {}

std::optional<HttpResponse> StreamChangeHandler::handle(const HttpRequest& request,
                                                        const Caller& caller,
                                                        HttpConnection& connection) {
    std::string_view token = request.path();
    token.remove_prefix(std::min(kPath.size(), token.size()));
    const bool isRenewal = request.method() == "POST";
    if (isRenewal && !token.ends_with(kRenewal)) return gone();
    if (isRenewal) token.remove_suffix(kRenewal.size());
    const auto number = streams_.read(token);
    if (!number) return gone();
    StreamChange change;
    change.stream = *number;
    change.channelsMax = channelsMax_;
    if (auto error = isRenewal ? renew(caller, change) : read(request, caller, change))
        return error;
    Cors::Fields fields = cors_ ? cors_->fields(request) : Cors::Fields{};
    // From here on the answer goes over the socket.
    change.answer =
        answerOver(connection.takeWire(), std::move(fields), request.isHttp10(), channelsMax_);
    if (!streams_.change(change)) change.answer({ChangeOutcome::State::NoRoom, {}});
    return std::nullopt;
}

std::optional<HttpResponse> StreamChangeHandler::read(const HttpRequest& request,
                                                      const Caller& caller,
                                                      StreamChange& change) const {
    if (request.body().size() > kBodyMax)
        return errorResponse(413, {"too-large", "", "the body is longer than 64 KiB", kShapeHint});
    if (auto error = Reader{change}.read(request.body())) return error;
    if (change.add.size() > channelsMax_)
        return responseOf({ChangeOutcome::State::TooMany, {}}, channelsMax_);
    if (auto refusal = caller.refusal(change.add, "add")) return refusal;
    change.addedAllowFilters = filters_ != nullptr && !filters_->refusal(change.add);
    change.authority = authorityOf(caller);
    return std::nullopt;
}

}  // namespace sluice
