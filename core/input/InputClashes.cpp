#include "input/InputClashes.h"

#include <algorithm>
#include <filesystem>

#include "base/Pattern.h"

namespace sluice {
namespace {

/// What one input wants for itself alone.
struct Claim {
    const InputOptions* input = nullptr;
    SourceMark mark;
    std::string what;                // claims of different ones never meet
    std::string host{};              // of a bound port; "*" meets every other one
    std::vector<Pattern> streams{};  // of a consumer: those meet that have one in common
    std::string does{}, hint{};      // "binds tcp://*:5556"
};

/// A scalar counts as a list of one.
std::vector<const Setting*> itemsOf(const Setting& settings, std::string_view pointer) {
    std::vector<const Setting*> items;
    const Setting* const found = settings.find(pointer);
    if (!found) return items;
    if (found->kind == Setting::Kind::Scalar) items.push_back(found);
    if (found->kind == Setting::Kind::List)
        for (const Setting& item : found->items) items.push_back(&item);
    return items;
}

std::string hostOf(std::string host) {
    if (host == "localhost") return "127.0.0.1";
    return host == "0.0.0.0" ? "*" : host;
}

/// HOST:PORT of `scheme://user:password@HOST:PORT/path`, each of these but the host optional.
std::string serverOf(std::string_view url, std::string_view port) {
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find('/'));
    url.remove_prefix(url.find('@') == std::string_view::npos ? 0 : url.rfind('@') + 1);
    const std::size_t colon = url.ends_with(']') ? url.npos : url.rfind(':');
    if (colon != url.npos) port = url.substr(colon + 1);
    return hostOf(std::string{url.substr(0, colon)}) + ':' + std::string{port};
}

void claimEndpoints(const InputOptions& input, std::vector<Claim>& claims) {
    constexpr std::string_view kTcp = "tcp://", kIpc = "ipc://";
    for (const Setting* const item : itemsOf(input.settings, "/bind")) {
        const std::string_view text = item->text;
        Claim claim{&input, item->mark, {}};
        const std::size_t port = text.rfind(':');
        if (text.starts_with(kIpc)) {
            claim.what =
                "path " +
                std::filesystem::path{text.substr(kIpc.size())}.lexically_normal().string();
        } else if (text.starts_with(kTcp) && port > kTcp.size() && !text.ends_with(":*")) {
            claim.what = "port " + std::string{text.substr(port)};
            claim.host = hostOf(std::string{text.substr(kTcp.size(), port - kTcp.size())});
        } else {
            continue;
        }
        claim.does = "binds " + item->text;
        claim.hint = "bind another address, or let one input have the mappings of both";
        claims.push_back(std::move(claim));
    }
}

void claimClientId(const InputOptions& input, std::vector<Claim>& claims) {
    const Setting* const id = input.settings.find("/client_id");
    if (!id || id->text.empty()) return;
    const std::string broker = input.settings.textAt("/broker");
    const bool usesTls = broker.starts_with("mqtts://");
    Claim claim{&input, id->mark, {}};
    claim.what = "client " +
                 serverOf(broker.empty() ? "localhost" : broker, usesTls ? "8883" : "1883") + ' ' +
                 id->text;
    claim.does = "takes the client_id '" + id->text + "' at its broker";
    claim.hint =
        "a broker dismisses the client that had the id before: give each input its own, "
        "or none";
    claims.push_back(std::move(claim));
}

void claimConsumer(const InputOptions& input, std::vector<Claim>& claims) {
    const Setting* const consumer = input.settings.find("/group/consumer");
    if (!consumer || consumer->text.empty()) return;
    const std::string url = input.settings.textAt("/server");
    std::string database = input.settings.textAt("/db");
    const std::size_t scheme = url.find("://"), path = url.rfind('/');
    if (database.empty() && scheme != url.npos && path > scheme + 2)
        database = url.substr(path + 1);
    Claim claim{&input, consumer->mark, {}};
    claim.what = "consumer " + serverOf(url.empty() ? "localhost" : url, "6379") + '/' +
                 (database.empty() ? "0" : database) + ' ' + input.settings.textAt("/group/name") +
                 ' ' + consumer->text;
    for (const Setting* const stream : itemsOf(input.settings, "/streams"))
        if (auto pattern = Pattern::parse(stream->text, ':', nullptr))
            claim.streams.push_back(std::move(*pattern));
    claim.does = "reads as the consumer '" + consumer->text + "' of its group";
    claim.hint =
        "each would get what is meant for the other: give every input a consumer of its "
        "own";
    claims.push_back(std::move(claim));
}

std::vector<Claim> claimsOf(std::span<const InputOptions> inputs) {
    std::vector<Claim> claims;
    for (const InputOptions& input : inputs) {
        if (input.plugin == "zeromq") claimEndpoints(input, claims);
        if (input.plugin == "mqtt") claimClientId(input, claims);
        if (input.plugin == "redis") claimConsumer(input, claims);
    }
    return claims;
}

bool meet(const Claim& a, const Claim& b) {
    if (a.input == b.input || a.what != b.what) return false;
    if (a.host != b.host && a.host != "*" && b.host != "*") return false;
    return a.streams.empty() ||
           std::any_of(a.streams.begin(), a.streams.end(), [&](const Pattern& stream) {
               return std::any_of(b.streams.begin(), b.streams.end(),
                                  [&](const Pattern& other) { return stream.overlaps(other); });
           });
}

}  // namespace

std::vector<InputClash> clashesAmong(std::span<const InputOptions> inputs) {
    const std::vector<Claim> claims = claimsOf(inputs);
    std::vector<InputClash> clashes;
    for (auto later = claims.begin(); later != claims.end(); ++later) {
        const auto earlier = std::find_if(claims.begin(), later,
                                          [&](const Claim& claim) { return meet(claim, *later); });
        if (earlier == later) continue;
        const std::uint32_t line = earlier->mark.line;
        clashes.push_back({later->mark, earlier->mark,
                           "input " + later->input->name + " " + later->does + ", as input " +
                               earlier->input->name + " does" +
                               (line == 0 ? "" : " in line " + std::to_string(line)),
                           later->hint});
    }
    return clashes;
}

}  // namespace sluice
