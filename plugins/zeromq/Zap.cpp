#include "Zap.h"

#include <array>
#include <string_view>
#include <utility>

namespace sluice::zeromq {
namespace {

constexpr const char* kAddress = "inproc://zeromq.zap.01";
constexpr std::string_view kVersion = "1.0";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kFramesMax = 16;
// version, request id, domain, address, identity, mechanism, credentials
constexpr std::size_t kRequestFrames = 7, kRequestId = 1, kMechanism = 5, kCredentials = 6;

std::string bytesOf(const std::string& z85) {
    std::array<std::uint8_t, kKeyBytes> key{};
    if (zmq_z85_decode(key.data(), z85.c_str()) == nullptr) return {};
    return {key.begin(), key.end()};
}

}  // namespace

Zap::Zap(zmq::context_t& context, const std::vector<std::string>& clients)
    : socket_(context, zmq::socket_type::rep) {
    for (const std::string& client : clients) clients_.insert(bytesOf(client));
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind(kAddress);
}

void Zap::serve() {
    for (Request request; receive(request); request.clear()) answer(request);
}

bool Zap::receive(Request& request) {
    for (bool more = true; more;) {
        zmq::message_t frame;
        if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return false;
        more = frame.more();
        if (request.size() < kFramesMax) request.push_back(std::move(frame));
    }
    return true;
}

void Zap::answer(const Request& request) {
    const bool allowed = isAllowed(request);
    const std::string_view id =
        request.size() > kRequestId ? request[kRequestId].to_string_view() : std::string_view{};
    const std::array<std::string_view, 6> frames{
        kVersion, id, allowed ? "200" : "400", allowed ? "OK" : "this key may not connect", "", ""};
    for (std::size_t i = 0; i < frames.size(); ++i)
        (void)socket_.send(
            zmq::const_buffer(frames[i].data(), frames[i].size()),
            i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
}

bool Zap::isAllowed(const Request& request) const {
    return request.size() == kRequestFrames && request[kMechanism].to_string_view() == "CURVE" &&
           clients_.contains(request[kCredentials].to_string());
}

}  // namespace sluice::zeromq
