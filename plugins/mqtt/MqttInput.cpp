#include "MqttInput.h"

namespace sluice::mqtt {

void MqttInput::watch(std::span<const plugin::Pattern> patterns) {
    filters_ = FilterSet(patterns);
    if (session_) session_->watch(filters_);
}

void MqttInput::start(std::span<const sluice_start_position>, plugin::milliseconds) {
    session_ = std::make_unique<Session>(host_, options_, filters_);
}

void MqttInput::stop(plugin::milliseconds deadline) {
    if (session_) session_->stop(deadline);
    session_.reset();
}

}  // namespace sluice::mqtt

SLUICE_PLUGIN(sluice::mqtt::MqttInput)
