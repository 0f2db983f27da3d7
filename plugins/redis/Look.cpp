#include "Look.h"

#include <algorithm>
#include <charconv>

namespace sluice::redis {
namespace {

constexpr std::size_t kAtOnce = 256;  // replies that are under way: each holds two entries

Look lookOf(const Reply& reply, const std::string& key, Connection& connection,
            const Options& options) {
    Look look;
    if (const auto info = StreamInfo::parse(reply)) {
        look.place = Look::Place::Here;
        look.info = *info;
        return look;
    }
    if (reply.kind != Reply::Kind::Error)
        connection.fail({Fault::Weight::Definite, "protocol",
                         options.shown + " answered XINFO STREAM with something else"});
    if (reply.text.starts_with("ERR no such key")) return look;
    look.fault = describe(reply.text, options);
    if (isOfServer(look.fault)) connection.fail(look.fault);
    look.place = look.fault.code == "wrong-type" ? Look::Place::WrongType : Look::Place::Refused;
    look.fault.text += ": " + key;
    return look;
}

}  // namespace

std::vector<Look> lookAt(Connection& connection, std::span<const std::string> keys,
                         const Options& options) {
    std::vector<Look> looks;
    looks.reserve(keys.size());
    while (!keys.empty()) {
        const auto some = keys.first(std::min(kAtOnce, keys.size()));
        for (const std::string& key : some) connection.put({"XINFO", "STREAM", key});
        connection.flush();
        for (const std::string& key : some) {
            looks.push_back(lookOf(connection.receive(), key, connection, options));
            connection.forget();
        }
        keys = keys.subspan(some.size());
    }
    return looks;
}

std::optional<StreamId> behindLastBefore(StreamId id, const std::string& key,
                                         Connection& connection, const Options& options) {
    const std::string newest = id.before().text();
    const Reply& reply = connection.ask({"XREVRANGE", key, newest, "-", "COUNT", "1"});
    std::optional<StreamId> found;
    if (reply.kind == Reply::Kind::Error) {
        const Fault fault = describe(reply.text, options);
        if (isOfServer(fault)) connection.fail(fault);
    } else if (reply.isArray(1) && reply.items[0].isArray(2)) {
        if (const auto last = StreamId::parse(reply.items[0].items[0].text)) found = last->next();
    } else {
        found = StreamId{};
    }
    connection.forget();
    return found;
}

std::int64_t serverTimeMs(Connection& connection, const Options& options) {
    const Reply& reply = connection.ask({"TIME"});
    std::int64_t seconds = 0, microseconds = 0;
    const auto parse = [](std::string_view text, std::int64_t& number) {
        return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
    };
    if (reply.kind == Reply::Kind::Error) connection.fail(describe(reply.text, options));
    if (!reply.isArray(2) || !parse(reply.items[0].text, seconds) ||
        !parse(reply.items[1].text, microseconds))
        connection.fail({Fault::Weight::Definite, "protocol",
                         options.shown + " answered TIME with something else"});
    connection.forget();
    return seconds * 1'000 + microseconds / 1'000;
}

}  // namespace sluice::redis
