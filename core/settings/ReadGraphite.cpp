#include "graphite/CarbonLines.h"
#include "settings/Addresses.h"
#include "settings/ReadOptions.h"

namespace sluice {

using namespace std::chrono_literals;

namespace {

constexpr std::pair<std::string_view, GraphiteProtocol> kProtocols[] = {
    {"tcp", GraphiteProtocol::Tcp}, {"udp", GraphiteProtocol::Udp}};

void readServer(Section& graphite, std::string& out) {
    constexpr const char* kHint = "write HOST:PORT of carbon, such as graphite.example:2003";
    const auto server = graphite.scalar("server", Form::address());
    if (!server || !server->isWhole()) return;
    const std::string& text = server->text();
    if (const std::size_t scheme = text.find("://"); scheme != std::string::npos)
        return server->errorAt(0, "address", "'server' takes no scheme", kHint);
    const AddressError error = addressError(text);
    if (!error.message.empty())
        server->errorAt(error.offset, "address", "'server': " + error.message, kHint);
    else if (text.starts_with(':') || text.starts_with('*') || text.ends_with(":0"))
        server->error("address", "'server' has to name one host and its port", kHint);
    else
        out = text;
}

/// The path before a metric's own name. Text that Graphite would take for something else is wrong.
void readPath(Section& graphite, std::string_view key, bool mayBeEmpty, std::string& out) {
    std::string text = out;
    graphite.text(key, text);
    const bool isPath =
        text.empty() ? mayBeEmpty : text.find('/') == std::string::npos && carbonPath(text) == text;
    if (isPath)
        out = std::move(text);
    else
        graphite.reading().error(graphite.node(key)->span(), "graphite-path",
                                 "this is no path of Graphite",
                                 "write words of letters, digits, '_', '-' and ':', joined by "
                                 "dots, such as web.sluice");
}

}  // namespace

void readGraphite(Section& top, GraphiteOptions& options) {
    top.section("graphite", [&](Section& graphite) {
        readServer(graphite, options.server);
        graphite.choice<GraphiteProtocol>("protocol", options.protocol, kProtocols);
        graphite.duration("interval", options.interval, 1s, 1h);
        readPath(graphite, "prefix", false, options.prefix);
        readPath(graphite, "channels", true, options.channels);
    });
}

}  // namespace sluice
