#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "base/Clock.h"
#include "channel/Hub.h"
#include "console/ConsolePage.h"
#include "console/ExplainHandler.h"
#include "console/TapHandler.h"
#include "delivery/DeliveryPool.h"
#include "filter/Filters.h"
#include "graphite/GraphiteExport.h"
#include "http/Access.h"
#include "http/AuthenticatingHandler.h"
#include "http/ClientLimits.h"
#include "http/CycloneHandlers.h"
#include "http/HistoryHandler.h"
#include "http/PageHandlers.h"
#include "http/PublishHandler.h"
#include "http/RevokeHandler.h"
#include "http/StaticHandler.h"
#include "http/StreamChangeHandler.h"
#include "http/SubscribersHandler.h"
#include "input/InputHost.h"
#include "journal/DiskJournal.h"
#include "net/TlsServer.h"
#include "node/HttpPublisher.h"
#include "node/MetricsPage.h"
#include "node/NodeOptions.h"
#include "node/ReloadHandler.h"
#include "node/Reloader.h"

namespace sluice {

/// A running node: hub, inputs, delivery and the two listeners, wired together.
///
/// Members stand so that destruction runs listeners first, hub last. One thread makes, starts and
/// drains it; the listeners' threads use it in between.
class Node final {
  public:
    /// Binds both listeners and loads the plugins; throws with a message for people. `plugins` must
    /// outlive it. Delivery's threads start here, all others in `start`.
    Node(const NodeOptions& options, PluginLibrary& plugins);

    /// Opens the inputs and serves.
    void start();
    /// Ends within about `window`: readiness fails, the listeners close, inputs stop, every stream
    /// gets a last block. Call once.
    void drain(std::chrono::milliseconds window) noexcept;
    /// Reads the configuration anew and puts it in force; `asker` is for the log.
    ReloadAnswer reload(std::string_view asker) noexcept { return reloader_.reload(asker); }
    /// Whether a plugin holds a thread that will never end (InputHost::gaveUp).
    bool gaveUp() const { return inputs_.gaveUp(); }
    /// Once a second: lets old history go, looks for new certificates.
    void sweep() noexcept;

  private:
    StreamHandler::Adopt toDelivery();
    static StreamOptions pollsOf(StreamOptions options);
    static StreamOptions oldOf(const NodeOptions& options, Format format);
    RevokeHandler::Dismiss toDismissal();
    AuthenticatingHandler knowing(CallerHandler& handler);
    void route(const NodeOptions& options);
    void serveClient(const NodeOptions& options);
    void announce() const;
    std::string whatIsMissing() const;
    std::string whatFails() const;
    MetricsPage metrics() const;
    std::string graphiteLines(std::int64_t timeS);
    std::optional<CycloneStats::Counts> readersByChannel();
    std::string channels() const;
    std::string mappings() const;

    const bool wantsJournal_;
    const std::vector<std::string> listen_;
    const std::string adminListen_;
    const std::unique_ptr<TlsServer> tls_, adminTls_;  // null: there is no certificate
    SystemClock clock_;
    ClientLimits limits_, adminLimits_;
    std::unique_ptr<DiskJournal> journal_;  // null: none, or the disk is full
    Hub hub_;
    Filters filters_;
    InputHost inputs_;
    DeliveryPool delivery_;
    std::unique_ptr<Access> access_;  // null: without auth
    const Guesses guesses_, adminGuesses_;
    Reloader reloader_;

    Cors cors_;
    HttpPublisher publisher_;
    StreamHandler streams_, polls_, oldStreams_, oldAnswers_;
    HistoryHandler history_;
    StreamChangeHandler changes_;
    AuthenticatingHandler knownStreams_, knownPolls_, knownOldStreams_, knownOldAnswers_,
        knownHistory_, knownChanges_;
    PublishHandler publish_;
    RevokeHandler revoke_;
    HealthHandler health_;
    ReadyHandler ready_;
    ReloadHandler reload_;
    PageHandler metricsPage_, inputsPage_, channelsPage_, mappingsPage_, clientsPage_;
    SubscribersHandler subscribers_;
    ConsolePage consoleHtml_{ConsolePage::File::Html}, consoleCss_{ConsolePage::File::Css},
        consoleJs_{ConsolePage::File::Js};
    TapHandler tap_;
    ExplainHandler explain_;
    std::unique_ptr<StaticHandler> files_, client_;
    std::unique_ptr<CycloneStreams> cycloneStreams_;  // null: no `compat`
    CyclonePublish cyclonePublish_;
    CycloneStats cycloneStats_;
    Router publicRouter_, adminRouter_;
    Front public_, admin_;
    std::atomic<bool> draining_{false};
    // Last, for what they run uses all of the above.
    Tasks applicationTasks_, keyTasks_;
    const GraphiteOptions graphiteOptions_;
    GraphiteExport graphite_;
};

}  // namespace sluice
