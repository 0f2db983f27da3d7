#include "Health.h"

namespace sluice::kafka {

Health::Health(const plugin::Host& host, const Options& options) : host_(host), options_(options) {}

void Health::note(rd_kafka_resp_err_t error, std::string_view reason) {
    Fault fault = describe(error, reason, options_);
    const std::lock_guard lock(mutex_);
    hadFault_ = true;
    if (fault.weight == Fault::Weight::None) return;
    const auto now = Clock::now();
    // A refused login is followed by a closed connection: keep what explains the other.
    if (fault.weight < reason_.weight && now - reasonAt_ < kSilence) return;
    reason_ = std::move(fault);
    reasonAt_ = now;
}

bool Health::hasReason() const {
    const std::lock_guard lock(mutex_);
    return reason_.weight > Fault::Weight::Silent;
}

void Health::connecting() {
    lastAnswer_ = Clock::now();
    report(SLUICE_STATE_CONNECTING, "connecting", "connecting to " + options_.brokers);
}

void Health::answered(const Fault& problem) {
    lastAnswer_ = Clock::now();
    {
        const std::lock_guard lock(mutex_);
        reason_ = {};
    }
    if (problem.code.empty())
        report(SLUICE_STATE_RUNNING, "running", "connected to " + options_.brokers);
    else
        report(SLUICE_STATE_DEGRADED, problem.code, problem.text);
}

void Health::unanswered() {
    Fault reason;
    {
        const std::lock_guard lock(mutex_);
        reason = reason_;
        hadFault_ = true;
    }
    if (reason.weight > Fault::Weight::Silent)
        return report(SLUICE_STATE_CONNECTING, reason.code, reason.text);
    if (Clock::now() - lastAnswer_ >= kSilence)
        report(SLUICE_STATE_CONNECTING, "no-answer", options_.brokers + " does not answer");
}

bool Health::takeRecovered() {
    const std::lock_guard lock(mutex_);
    return std::exchange(hadFault_, false);
}

void Health::report(sluice_state state, const std::string& code, const std::string& text) {
    std::string report = std::to_string(state) + code + text;
    if (report == reported_) return;
    reported_ = std::move(report);
    const bool retries = state == SLUICE_STATE_CONNECTING && code != "connecting";
    host_.health(state, code, text, retries ? kRetry : plugin::milliseconds{0});
}

}  // namespace sluice::kafka
