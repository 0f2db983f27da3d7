#include "Receiver.h"

#include <array>
#include <string>

namespace sluice::mqtt {
namespace {

std::string_view viewOf(const MQTTLenString& text) {
    return text.len <= 0 ? std::string_view{}
                         : std::string_view{text.data, static_cast<std::size_t>(text.len)};
}

std::string_view qosText(int qos) {
    constexpr std::array<std::string_view, 3> kTexts = {"0", "1", "2"};
    return kTexts.at(static_cast<std::size_t>(qos));
}

std::string_view boolText(bool value) {
    return value ? "true" : "false";
}

/// User properties are headers, the rest that describes the payload are variables.
void addProperties(const MQTTProperties& properties, plugin::Batch::Message& message) {
    for (int i = 0; i < properties.count; ++i) {
        const MQTTProperty& property = properties.array[i];
        switch (property.identifier) {
            case MQTTPROPERTY_CODE_USER_PROPERTY:
                message.header(viewOf(property.value.data), viewOf(property.value.value));
                break;
            case MQTTPROPERTY_CODE_CONTENT_TYPE:
                message.variable("content_type", viewOf(property.value.data));
                break;
            case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
                message.variable("response_topic", viewOf(property.value.data));
                break;
            default:
                break;
        }
    }
}

}  // namespace

void Receiver::connected(bool isSessionPresent) {
    heardAt_.store(Clock::now());
    if (!isSubscribed_.load()) return;
    const std::string_view why = !isSessionPresent   ? "the broker kept no session"
                                 : options_.qos == 0 ? "qos is 0"
                                 : sawUnkept_        ? "some publishers send with QoS 0"
                                                     : "";
    if (why.empty()) return;
    host_.log(SLUICE_LOG_WARNING,
              "what was sent while we were away may be lost: " + std::string(why));
    host_.lost("", 0, {}, {}, SLUICE_LOST);
}

void Receiver::receive(const ::mqtt::const_message_ptr& message) {
    heardAt_.store(Clock::now(), std::memory_order_relaxed);
    sawUnkept_ = sawUnkept_ || (message->get_qos() == 0 && !message->is_retained());
    if (copies_.isCopy(message)) return;
    auto added = batch_.add(message->get_topic());
    added.payload(message->get_payload_str())
        .variable("qos", qosText(message->get_qos()))
        .variable("retained", boolText(message->is_retained()))
        .variable("duplicate", boolText(message->is_duplicate()));
    addProperties(message->get_properties().c_struct(), added);
    host_.push(batch_);
}

}  // namespace sluice::mqtt
