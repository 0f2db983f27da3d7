#include "node/Node.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/JsonText.h"
#include "base/Log.h"
#include "console/MappingsPage.h"
#include "graphite/CarbonLines.h"
#include "net/ListenAddress.h"
#include "node/NodeMetrics.h"

namespace sluice {
namespace {

constexpr std::size_t kChannelsShownMax = 1'000;
/// Requests that wait for a thread to find out who sent them.
constexpr std::size_t kWaitingMax = 1'000;
constexpr std::size_t kKeyThreads = 2;

constexpr const char* kClientFiles[] = {"sluice-client.js", "sluice-tabs.js",
                                        "sluice-client.classic.js", "sluice-jquery.js",
                                        "sluice-react.js"};

/// A full disk keeps nobody from reading: the node runs without its journal, as another node.
std::unique_ptr<DiskJournal> openJournal(const JournalOptions& options) {
    if (options.folder.empty()) return nullptr;
    try {
        return std::make_unique<DiskJournal>(options);
    } catch (const JournalError& error) {
        if (!error.isFull()) throw;
        log::error("journal", std::string{error.what()} +
                                  "; the node runs without it until it is started again");
        return nullptr;
    }
}

std::unique_ptr<TlsServer> tlsServer(const TlsOptions& options) {
    return options.isOn() ? std::make_unique<TlsServer>(options) : nullptr;
}

FrontOptions frontOf(std::string name, const std::vector<std::string>& listen, const TlsServer* tls,
                     const GateOptions& gate) {
    FrontOptions front;
    front.name = std::move(name);
    front.gate = gate;
    front.listen.clear();
    for (const std::string& text : listen) {
        const ListenAddress address = ListenAddress::of(text);
        const bool isTls = address.isTls(tls != nullptr);
        front.listen.push_back({std::string{address.hostPort}, isTls ? tls : nullptr});
    }
    return front;
}

std::string urlOf(const std::string& listen, const TlsServer* tls, const Address& address) {
    const bool isTls = ListenAddress::of(listen).isTls(tls != nullptr);
    return (isTls ? "https://" : "http://") + address.text();
}

std::string channelsJson(const std::vector<ChannelSummary>& channels) {
    std::string out = R"({"channels":[)";
    for (const ChannelSummary& channel : channels) {
        if (&channel != &channels.front()) out += ',';
        out += R"({"name":)";
        appendJsonString(out, channel.name);
        out += R"(,"events":)" + std::to_string(channel.events);
        out += R"(,"bytes":)" + std::to_string(channel.bytes);
        out += R"(,"evictedSeq":)" + std::to_string(channel.evictedSeq);
        out += R"(,"lastAppendMs":)" + std::to_string(channel.lastAppendMs);
        out += R"(,"subscribed":)";
        out += channel.subscribed ? "true" : "false";
        if (channel.readers.slow != Slow::Close)
            out.append(R"(,"slow":")").append(nameOf(channel.readers.slow)) += '"';
        if (channel.readers.keepsLatest) {
            out += R"(,"snapshot":{"keys":)" + std::to_string(channel.keys);
            out += R"(,"bytes":)" + std::to_string(channel.keysBytes);
            out += R"(,"complete":)";
            out += channel.isLatestComplete ? "true}" : "false}";
        }
        out += '}';
    }
    return out + "]}\n";
}

std::string clientsJson(const ClientLimits::Status& status) {
    std::string out = R"({"clients":)" + std::to_string(status.clients);
    out += R"(,"max":)" + std::to_string(status.clientsMax) + R"(,"list":[)";
    for (const ClientLimits::ClientStatus& client : status.list) {
        if (&client != &status.list.front()) out += ',';
        out += R"({"address":)";
        appendJsonString(out, client.address);
        out += R"(,"streams":)" + std::to_string(client.streams);
        out += R"(,"refusedMs":)" + std::to_string(client.refusedMs) + '}';
    }
    return out + "]}\n";
}

}  // namespace

Node::Node(const NodeOptions& options, PluginLibrary& plugins)
    : wantsJournal_{!options.journal.folder.empty()},
      listen_{options.listen},
      adminListen_{options.adminListen},
      tls_{tlsServer(options.tls)},
      adminTls_{tlsServer(options.adminTls)},
      limits_{options.clients, clock_},
      adminLimits_{{}, clock_},
      journal_{openJournal(options.journal)},
      hub_{options.hub, clock_, journal_.get()},
      filters_{options.filters, options.hub},
      inputs_{options.inputs, plugins, options.mappings, policyOf(options.publish),
              InputLimits{},  hub_,    clock_,           options.replays},
      delivery_{options.delivery, hub_, inputs_, clock_, &inputs_.replays()},
      access_{options.auth.isOn ? std::make_unique<Access>(options.auth, options.rules, clock_)
                                : nullptr},
      guesses_{limits_, access_.get()},
      adminGuesses_{adminLimits_},
      reloader_{{hub_,
                 filters_,
                 inputs_,
                 plugins,
                 tls_.get(),
                 adminTls_.get(),
                 {access_.get(), &applicationTasks_, &publish_, toDismissal()}},
                {options.settings, options.mappings, {}},
                options.readAgain},
      cors_{options.cors},
      publisher_{inputs_.http()},
      streams_{options.stream, &cors_, &filters_, limits_, clock_, toDelivery()},
      polls_{pollsOf(options.stream), &cors_, &filters_, limits_, clock_, toDelivery()},
      oldStreams_{oldOf(options, Format::Stream), &cors_, &filters_, limits_, clock_, toDelivery()},
      oldAnswers_{
          oldOf(options, Format::FirstEvent), &cors_, &filters_, limits_, clock_, toDelivery()},
      history_{options.history, hub_, inputs_, clock_},
      changes_{options.stream.channelsMax,
               &cors_,
               &filters_,
               {[this](std::string_view token) { return delivery_.tokens().read(token); },
                [this](StreamChange& change) { return delivery_.change(change); }}},
      knownStreams_{knowing(streams_)},
      knownPolls_{knowing(polls_)},
      knownOldStreams_{knowing(oldStreams_)},
      knownOldAnswers_{knowing(oldAnswers_)},
      knownHistory_{knowing(history_)},
      knownChanges_{knowing(changes_)},
      publish_{options.publish, access_.get(), limits_, publisher_, clock_},
      revoke_{access_ ? &access_->revocations() : nullptr, toDismissal(), clock_,
              options.auth.leeway},
      ready_{[this] { return whatIsMissing(); }, [this] { return whatFails(); }},
      reload_{reloader_},
      metricsPage_{kMetricsPage, [this] { return metrics().text(); }},
      inputsPage_{kJsonPage, [this] { return inputsJson(inputs_.status()); }},
      channelsPage_{kJsonPage, [this] { return channels(); }},
      mappingsPage_{kJsonPage, [this] { return mappings(); }},
      clientsPage_{kJsonPage, [this] { return clientsJson(limits_.status()); }},
      subscribers_{[this](const StreamWish& wish) { return delivery_.look(wish); },
                   [this] { return delivery_.subscribers(); }},
      tap_{inputs_.liveTap(), [this] { return inputs_.mappings().current(); }, clock_},
      explain_{[this, &plugins] {
          const Reloader::InForce inForce = reloader_.inForce();
          return ExplainHandler::InForce{inForce.inputs, mappingInputs(inForce.inputs, plugins),
                                         inForce.table};
      }},
      cyclonePublish_{publish_},
      cycloneStats_{{options.publish.key, options.adminKeys.read, options.adminKeys.operate},
                    [this] { return readersByChannel(); }},
      publicRouter_{&cors_},
      adminRouter_{nullptr, options.adminKeys},
      public_{frontOf("http", listen_, tls_.get(), options.gate), publicRouter_, limits_, clock_},
      admin_{frontOf("admin", {adminListen_}, adminTls_.get(), GateOptions{}), adminRouter_,
             adminLimits_, clock_},
      applicationTasks_{options.auth.forward.url.empty() ? 0 : options.auth.forward.concurrency,
                        kWaitingMax},
      keyTasks_{access_ ? kKeyThreads : 0, kWaitingMax},
      graphiteOptions_{options.graphite},
      graphite_{options.graphite, [this](std::int64_t timeS) { return graphiteLines(timeS); }} {
    publicRouter_.slowDownGuesses(guesses_);
    adminRouter_.slowDownGuesses(adminGuesses_);
    if (options.hosts) publicRouter_.serveOnly(*options.hosts);
    if (options.adminHosts) adminRouter_.serveOnly(*options.adminHosts);
    publicRouter_.redirectToHttps(options.redirectPort);
    route(options);
}

StreamHandler::Adopt Node::toDelivery() {
    return [this](StreamRequest request, bool acceptsEventStream) {
        delivery_.adopt(std::move(request), acceptsEventStream);
    };
}

RevokeHandler::Dismiss Node::toDismissal() {
    return [this](const Dismissal& dismissal) { delivery_.dismiss(dismissal); };
}

AuthenticatingHandler Node::knowing(CallerHandler& handler) {
    return {handler, access_.get(), {applicationTasks_, keyTasks_, &cors_, &guesses_}};
}

StreamOptions Node::pollsOf(StreamOptions options) {
    options.format = Format::Poll;
    return options;
}

StreamOptions Node::oldOf(const NodeOptions& options, Format format) {
    StreamOptions old = options.stream;
    old.format = format;
    // The script of tornado-sse fails, for good, at what is no event; that of cyclone-sse knows the
    // ping.
    const bool knowsPing = options.compat != Compat::TornadoSse;
    if (format == Format::Stream)
        old.control = Control::Pings;
    else
        old.control = knowsPing ? Control::OnlyPings : Control::Nothing;
    return old;
}

void Node::route(const NodeOptions& options) {
    publicRouter_.add("GET", "/events", knownStreams_);
    publicRouter_.add("GET", "/events/*", knownStreams_);
    publicRouter_.add("GET", "/poll", knownPolls_);
    publicRouter_.add("GET", "/poll/*", knownPolls_);
    publicRouter_.add("PATCH", "/streams/*", knownChanges_);
    publicRouter_.add("POST", "/streams/*", knownChanges_);
    publicRouter_.add("GET", "/history/*", knownHistory_);
    publicRouter_.add(
        "POST", "/publish",
        options.compat == Compat::None ? static_cast<HttpHandler&>(publish_) : cyclonePublish_);
    adminRouter_.addOpen("GET", "/", consoleHtml_);
    adminRouter_.addOpen("GET", "/console.css", consoleCss_);
    adminRouter_.addOpen("GET", "/console.js", consoleJs_);
    adminRouter_.add("GET", "/metrics", metricsPage_);
    adminRouter_.add("GET", "/inputs", inputsPage_);
    adminRouter_.add("GET", "/channels", channelsPage_);
    adminRouter_.add("GET", "/mappings", mappingsPage_);
    adminRouter_.add("GET", "/tap", tap_);
    adminRouter_.addForLooking("POST", "/explain", explain_);
    adminRouter_.add("GET", "/clients", clientsPage_);
    adminRouter_.add("GET", "/subscribers", subscribers_);
    adminRouter_.add("POST", "/reload", reload_);
    adminRouter_.add("POST", "/revoke", revoke_);
    for (Router* router : {&publicRouter_, &adminRouter_}) {
        router->add("GET", "/healthz", health_);
        router->add("GET", "/readyz", ready_);
    }
    if (options.metricsArePublic) publicRouter_.add("GET", "/metrics", metricsPage_);
    serveClient(options);
    if (!options.staticFolder.empty()) {
        files_ = std::make_unique<StaticHandler>(options.staticFolder);
        publicRouter_.add("GET", "/*", *files_);
    }
    if (options.compat == Compat::None) return;
    cycloneStreams_ =
        std::make_unique<CycloneStreams>(knownOldStreams_, knownOldAnswers_, files_.get());
    publicRouter_.add("GET", "/", *cycloneStreams_);
    publicRouter_.add("GET", "/stats", cycloneStats_);
}

/// The client library, but for files that the user has a version of.
void Node::serveClient(const NodeOptions& options) {
    if (options.clientFolder.empty()) return;
    client_ = std::make_unique<StaticHandler>(options.clientFolder);
    for (const char* const name : kClientFiles)
        if (options.staticFolder.empty() || !std::filesystem::exists(options.staticFolder / name))
            publicRouter_.add("GET", std::string{"/"} + name, *client_);
}

void Node::start() {
    inputs_.start();
    if (access_) access_->start();
    applicationTasks_.start();
    keyTasks_.start();
    admin_.start();
    public_.start();
    graphite_.start();
    announce();
}

void Node::announce() const {
    for (std::size_t i = 0; i < listen_.size(); ++i) {
        const std::string url = urlOf(listen_[i], tls_.get(), public_.address(i));
        log::info("http", "listening on " + url);
        if (files_) log::info("http", "pages on " + url + "/");
    }
    log::info("http", "admin on " + urlOf(adminListen_, adminTls_.get(), admin_.address()) +
                          " (a console for browsers)");
    if (tls_) log::info("tls", "the certificate is " + tls_->text());
}

void Node::sweep() noexcept {
    hub_.sweep();
    for (TlsServer* const tls : {tls_.get(), adminTls_.get()})
        if (tls != nullptr) tls->reloadIfChanged();
}

void Node::drain(std::chrono::milliseconds window) noexcept {
    using std::chrono::milliseconds;
    const std::int64_t endUs = clock_.steadyUs() + milliseconds{window}.count() * 1'000;
    draining_ = true;
    graphite_.stop();
    public_.stopAccepting();
    inputs_.stop(window / 2);
    const std::int64_t leftMs = (endUs - clock_.steadyUs()) / 1'000;
    delivery_.drain(milliseconds{std::max<std::int64_t>(leftMs, 0)});
    applicationTasks_.stop();
    keyTasks_.stop();
    if (access_) access_->stop();
    public_.stop();
    admin_.stop();
}

std::string Node::whatIsMissing() const {
    if (draining_) return "the node is shutting down";
    return inputs_.ready() ? "" : "inputs are still reading what came before the start";
}

/// No reason to send readers elsewhere: they lack nothing while this node lives, and the disks of
/// all nodes may be full at once.
std::string Node::whatFails() const {
    if (wantsJournal_ && !journal_)
        return "its disk was full when it started, so it runs without its journal";
    if (!journal_ || !journal_->counts().isFailing) return "";
    return "the journal cannot be written: after a restart what is not on disk is told as lost";
}

MetricsPage Node::metrics() const {
    const std::optional<JournalCounts> journal =
        journal_ ? std::optional{journal_->counts()} : std::nullopt;
    return metricsOf({hub_.counts(), delivery_.counts(), filters_.counts(), inputs_,
                      public_.counts(), limits_.counts(), journal, tls_.get(),
                      access_ ? access_->counts() : AccessCounts{}, graphite_});
}

std::string Node::graphiteLines(std::int64_t timeS) {
    CarbonLines lines{timeS};
    metrics().write(graphiteOptions_.prefix, lines);
    if (graphiteOptions_.channels.empty()) return lines.text();
    // Names that Graphite cannot tell apart are one.
    std::map<std::string, std::uint64_t> readers;
    for (const auto& [channel, count] : readersByChannel().value_or(CycloneStats::Counts{}))
        readers[carbonPath(globOfPattern(channel))] += count;
    for (const auto& [path, count] : readers)
        lines.add(graphiteOptions_.channels + '.' + path, static_cast<double>(count));
    return lines.text();
}

std::optional<CycloneStats::Counts> Node::readersByChannel() {
    StreamWish wish;
    wish.countsChannels = true;
    std::optional<StreamsSeen> seen = delivery_.look(wish);
    if (!seen) return std::nullopt;
    return std::move(seen->channels);
}

std::string Node::mappings() const {
    return mappingsJson(reloader_.inForce().mappings, inputs_.mappings().eventsByRule(),
                        inputs_.status());
}

std::string Node::channels() const {
    return channelsJson(hub_.channels("", kChannelsShownMax));
}

}  // namespace sluice
