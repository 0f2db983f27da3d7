#include "support/MosquittoProcess.h"

#include "support/FreePort.h"

namespace sluice::test {
namespace {

// As root it would become the user mosquitto, who may not write into our folder.
constexpr const char* kGlobal =
    "user root\nlog_dest stderr\nlog_type all\nmax_queued_messages 0\nper_listener_settings true\n";

}  // namespace

MosquittoProcess::MosquittoProcess(const Options& options) : port_(freePort()) {
    process_.folder().write("mosquitto.conf", kGlobal + options.global + "listener " +
                                                  std::to_string(port_) + " 127.0.0.1\n" +
                                                  options.listener);
    process_.start({"/usr/sbin/mosquitto", "-c", "mosquitto.conf"});
    process_.waitForPort(port_);
}

void MosquittoProcess::start() {
    process_.startAgain();
    process_.waitForPort(port_);
}

}  // namespace sluice::test
