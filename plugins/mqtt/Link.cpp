#include "Link.h"

namespace sluice::mqtt {
namespace {

using Kind = LinkEvent::Kind;

int versionOf(Link::Protocol protocol) {
    return protocol == Link::Protocol::V5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

/// paho carries it through as it is.
void* contextOf(std::size_t request) {
    return reinterpret_cast<void*>(request);
}
std::size_t requestOf(const ::mqtt::token& token) {
    return reinterpret_cast<std::size_t>(token.get_user_context());
}

/// What paho says of a failure; a token gives it only this way.
std::string messageOf(const ::mqtt::token& token) {
    try {
        token.get_connect_response();
    } catch (const ::mqtt::exception& error) {
        return error.get_message();
    }
    return {};
}

}  // namespace

Link::Link(const plugin::Host& host, const Options& options, const std::string& clientId,
           Protocol protocol, Receiver& receiver, Mailbox& mailbox)
    : host_(host),
      options_(options),
      protocol_(protocol),
      receiver_(receiver),
      mailbox_(mailbox),
      client_(options.broker.uri(), clientId, ::mqtt::create_options(versionOf(protocol))) {
    client_.set_callback(*this);
    client_.set_disconnected_handler([this](const ::mqtt::properties&, ::mqtt::ReasonCode reason) {
        mailbox_.post({.kind = Kind::Dismissed, .code = static_cast<int>(reason)});
    });
}

void Link::connect(std::chrono::seconds keepAlive) {
    ::mqtt::connect_options options;
    fill(options);
    options.set_keep_alive_interval(keepAlive);
    // By copy: a copy in 1.2.0 goes on pointing at the properties of the original, which must live.
    client_.connect(options, nullptr, *this);
}

void Link::fill(::mqtt::connect_options& made) const {
    made.set_mqtt_version(versionOf(protocol_));
    made.set_connect_timeout(kConnect);
    made.set_automatic_reconnect(false);
    if (protocol_ == Protocol::V5) {
        made.set_clean_start(!options_.keptFor);
        if (options_.keptFor)
            made.set_properties({{::mqtt::property::SESSION_EXPIRY_INTERVAL,
                                  static_cast<std::int32_t>(options_.keptFor->count())}});
    } else {
        made.set_clean_session(!options_.keptFor);
    }
    if (options_.username) made.set_user_name(*options_.username);
    if (options_.password) made.set_password(*options_.password);
    if (const auto& status = options_.status)
        made.set_will(
            ::mqtt::will_options(status->topic, status->offline, status->qos, status->isRetained));
    if (options_.broker.usesTls) addTls(made);
}

void Link::addTls(::mqtt::connect_options& made) const {
    ::mqtt::ssl_options tls;
    const TlsFiles& files = options_.tls;
    if (!files.ca.empty()) tls.set_trust_store(files.ca);
    if (!files.cert.empty()) tls.set_key_store(files.cert);
    if (!files.key.empty()) tls.set_private_key(files.key);
    if (!files.keyPassword.empty()) tls.set_private_key_password(files.keyPassword);
    tls.set_enable_server_cert_auth(true);
    tls.set_verify(true);  // the host's name too
    // No error handler: 1.2.0 would call it through a copy that is gone by then. See Diagnosis.h.
    made.set_ssl(std::move(tls));
}

void Link::subscribe(const std::vector<std::string>& filters, std::size_t request,
                     std::uint32_t identifier) {
    ::mqtt::properties properties;
    if (identifier != 0 && protocol_ == Protocol::V5)
        properties.add(
            {::mqtt::property::SUBSCRIPTION_IDENTIFIER, static_cast<std::int32_t>(identifier)});
    const ::mqtt::iasync_client::qos_collection qos(filters.size(), options_.qos);
    // No options but the defaults: 1.2.0 hands on a list of them that is gone.
    client_.subscribe(::mqtt::string_collection::create(filters), qos, contextOf(request), *this,
                      {}, properties);
}

void Link::unsubscribe(const std::vector<std::string>& filters) {
    client_.unsubscribe(::mqtt::string_collection::create(filters));
}

void Link::publish(const Status& status, const std::string& payload, std::size_t request) {
    client_.publish(::mqtt::message::create(status.topic, payload, status.qos, status.isRetained),
                    contextOf(request), *this);
}

void Link::disconnect() {
    client_.disconnect(0, nullptr, *this);
}

// -- paho's threads

void Link::message_arrived(::mqtt::const_message_ptr message) {
    host_.guard("mqtt receiving", [&] { receiver_.receive(message); });
}

void Link::connection_lost(const std::string&) {
    host_.guard("mqtt receiving", [&] { mailbox_.post({.kind = Kind::Lost}); });
}

/// Of a connection 1.2.0 tells twice, so connected() does it.
void Link::on_success(const ::mqtt::token& token) {
    using Type = ::mqtt::token::Type;
    host_.guard("mqtt receiving", [&] {
        switch (token.get_type()) {
            case Type::CONNECT:
                connected_ = connectedBy(token);
                break;
            case Type::SUBSCRIBE:
                mailbox_.post(subscribedBy(token));
                break;
            case Type::PUBLISH:
                mailbox_.post({.kind = Kind::Published, .request = requestOf(token)});
                break;
            case Type::DISCONNECT:
                mailbox_.post({.kind = Kind::Disconnected});
                break;
            case Type::UNSUBSCRIBE:
                break;
        }
    });
}

void Link::connected(const std::string&) {
    host_.guard("mqtt receiving", [&] {
        receiver_.connected(connected_.isSessionPresent);
        mailbox_.post(connected_);
    });
}

LinkEvent Link::connectedBy(const ::mqtt::token& token) {
    using ::mqtt::property;
    const auto response = token.get_connect_response();
    const auto& properties = response.get_properties();
    LinkEvent event{.kind = Kind::Connected, .isSessionPresent = response.is_session_present()};
    if (properties.contains(property::SUBSCRIPTION_IDENTIFIERS_AVAILABLE))
        event.takesIdentifiers = ::mqtt::get<std::uint8_t>(
                                     properties, property::SUBSCRIPTION_IDENTIFIERS_AVAILABLE) != 0;
    if (properties.contains(property::SERVER_KEEP_ALIVE))
        event.keepAlive = std::chrono::seconds{
            ::mqtt::get<std::uint16_t>(properties, property::SERVER_KEEP_ALIVE)};
    return event;
}

LinkEvent Link::subscribedBy(const ::mqtt::token& token) {
    LinkEvent event{.kind = Kind::Subscribed, .request = requestOf(token)};
    const auto response = token.get_subscribe_response();
    for (const auto reason : response.get_reason_codes())
        event.reasons.push_back(static_cast<int>(reason));
    return event;
}

void Link::on_failure(const ::mqtt::token& token) {
    using Type = ::mqtt::token::Type;
    host_.guard("mqtt receiving", [&] {
        if (token.get_type() == Type::CONNECT) {
            mailbox_.post({.kind = Kind::ConnectFailed,
                           .code = token.get_return_code(),
                           .text = messageOf(token)});
        } else if (token.get_type() == Type::SUBSCRIBE) {
            // So paho tells that the only filter of a request was refused.
            const int reason = protocol_ == Protocol::V5 ? static_cast<int>(token.get_reason_code())
                                                         : token.get_return_code();
            mailbox_.post(
                {.kind = Kind::Subscribed, .request = requestOf(token), .reasons = {reason}});
        }
    });
}

}  // namespace sluice::mqtt
