#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mqtt/async_client.h>

#include <sluice/plugin.hpp>

#include "Mailbox.h"
#include "Options.h"
#include "Receiver.h"

namespace sluice::mqtt {

/// A handle of paho's for one client id and one version of the protocol, connected again and again.
///
/// paho runs one thread that sends and one that receives for all handles of the process, and calls
/// back holding the lock of all of them: no callback here waits for anything but the push of a
/// message. What they tell goes into the mailbox. The methods belong to the session's thread. After
/// the destructor nothing is called back any more.
class Link final : private ::mqtt::callback, private ::mqtt::iaction_listener {
  public:
    enum class Protocol { V5, V311 };

    /// Borrows everything. Throws mqtt::exception.
    Link(const plugin::Host& host, const Options& options, const std::string& clientId,
         Protocol protocol, Receiver& receiver, Mailbox& mailbox);
    ~Link() override = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    Protocol protocol() const { return protocol_; }
    /// Begins to connect with this keep-alive; Connected or ConnectFailed follows within kConnect
    /// and a little.
    void connect(std::chrono::seconds keepAlive);
    /// Subscribed follows, with that request, unless the connection is lost. `identifier` 0: none.
    void subscribe(const std::vector<std::string>& filters, std::size_t request,
                   std::uint32_t identifier);
    void unsubscribe(const std::vector<std::string>& filters);
    /// Published follows, with that request, if the broker takes it.
    void publish(const Status& status, const std::string& payload, std::size_t request);
    /// Disconnected follows.
    void disconnect();

    static constexpr std::chrono::seconds kConnect{10};

  private:
    // paho's threads
    void connected(const std::string& cause) override;
    void message_arrived(::mqtt::const_message_ptr message) override;
    void connection_lost(const std::string& cause) override;
    void on_success(const ::mqtt::token& token) override;
    void on_failure(const ::mqtt::token& token) override;

    static LinkEvent connectedBy(const ::mqtt::token& token);
    static LinkEvent subscribedBy(const ::mqtt::token& token);
    void fill(::mqtt::connect_options& made) const;
    void addTls(::mqtt::connect_options& made) const;

    // constant after construction
    const plugin::Host& host_;
    const Options& options_;
    const Protocol protocol_;
    Receiver& receiver_;
    Mailbox& mailbox_;

    LinkEvent connected_;  // receiving thread only: to be posted

    ::mqtt::async_client client_;  // last: its end waits for callbacks
};

}  // namespace sluice::mqtt
