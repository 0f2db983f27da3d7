#include "Options.h"

#include <algorithm>
#include <string_view>

#include "Endpoint.h"
#include "Frames.h"

namespace sluice::zeromq {
namespace {

constexpr std::size_t kEndpointsMax = 256;
constexpr std::int64_t kHighWaterMarkMax = 10'000'000;
constexpr std::int64_t kFrameBytesLeast = 1 << 10, kFrameBytesMost = 1 << 30;
constexpr plugin::milliseconds kHeartbeatLeast{100}, kHeartbeatMost{3'600'000};
constexpr int kHeartbeatsMissed = 3;

class Reading {
  public:
    explicit Reading(plugin::Host& host) : host_(host) {}

    Options read() {
        host_.expectKeys("", {"connect", "bind", "socket", "topic", "split", "sequence", "curve",
                              "high_water_mark", "max_message", "heartbeat", "heartbeat_timeout"});
        readEndpoints();
        const bool pulls = host_.choice("/socket", "sub", {"sub", "pull"}) == "pull";
        options_.socket = pulls ? Options::Socket::Pull : Options::Socket::Sub;
        readTopic();
        readSequence();
        if (host_.text("/curve"))
            host_.settingError("/curve", "bad-value", "is no map of keys",
                               "write curve: {server_key: \"...\"}");
        else if (!host_.keys("/curve").empty())
            options_.curve = readKeys(host_, options_.binds);
        readBounds();
        readHeartbeat();
        return std::move(options_);
    }

  private:
    void readEndpoints() {
        const auto connect = host_.list("/connect"), bind = host_.list("/bind");
        options_.binds = connect.empty() && !bind.empty();
        if (connect.empty() && bind.empty())
            return host_.settingError("/connect", "missing", "is needed, or bind",
                                      "write connect: tcp://publisher:5556, or bind: tcp://*:5556");
        if (!connect.empty() && !bind.empty())
            return host_.settingError("/bind", "contradiction", "stands beside connect",
                                      "make two inputs of it");
        const auto& endpoints = options_.binds ? bind : connect;
        const std::string pointer = options_.binds ? "/bind" : "/connect";
        const bool isList = !host_.text(pointer);
        if (endpoints.size() > kEndpointsMax)
            host_.settingError(pointer, "too-many", "names too many endpoints",
                               "name at most " + std::to_string(kEndpointsMax));
        for (std::size_t i = 0; i < endpoints.size(); ++i)
            addEndpoint(isList ? pointer + "/" + std::to_string(i) : pointer, endpoints[i]);
    }

    void addEndpoint(const std::string& pointer, std::string_view endpoint) {
        const EndpointError error = checkEndpoint(endpoint, options_.binds);
        if (!error.words.empty())
            return host_.settingError(pointer, "bad-endpoint", error.words, error.hint);
        if (std::ranges::find(options_.endpoints, endpoint) != options_.endpoints.end() &&
            !endpoint.ends_with(":*"))
            return host_.settingError(pointer, "twice", "is there already", "remove it");
        options_.endpoints.emplace_back(endpoint);
    }

    void readTopic() {
        const bool pulls = options_.socket == Options::Socket::Pull;
        const auto split = host_.text("/split"), topic = host_.text("/topic");
        if (split && split->empty())
            host_.settingError("/split", "bad-value", "is empty",
                               "write what stands between topic and payload, such as \" \"");
        if (topic && topic->empty())
            host_.settingError("/topic", "bad-value", "is empty", "write a name, such as jobs");
        if (topic && topic->size() > kTopicBytesMax)
            host_.settingError("/topic", "bad-value", "is too long",
                               "write at most " + std::to_string(kTopicBytesMax) + " bytes");
        if (split && topic)
            host_.settingError("/topic", "contradiction", "stands beside split",
                               "with split the topic is in the frame: remove one of the two");
        if (split) options_.split = *split;
        if (topic) options_.topic = *topic;
        if (pulls && !split && !topic) options_.topic = host_.input();
    }

    void readSequence() {
        if (host_.text("/sequence"))
            return host_.settingError("/sequence", "bad-value", "is no map",
                                      "write sequence: {frame: 1}");
        if (host_.keys("/sequence").empty()) return;
        host_.expectKeys("/sequence", {"frame", "format", "per"});
        if (!host_.text("/sequence/frame"))
            host_.settingError("/sequence/frame", "missing", "is needed",
                               "say which frame holds the number; the topic is frame 0");
        SequenceRule rule;
        rule.frame = static_cast<std::size_t>(
            host_.integer("/sequence/frame", 1, 1, std::int64_t{kFramesNamed} - 1));
        rule.format = readFormat();
        rule.perTopic = host_.choice("/sequence/per", "topic", {"topic", "input"}) == "topic";
        options_.sequence = rule;
    }

    SequenceRule::Format readFormat() {
        using enum SequenceRule::Format;
        const auto name = host_.choice("/sequence/format", "decimal",
                                       {"decimal", "u32le", "u32be", "u64le", "u64be"});
        if (name == "u32le") return U32le;
        if (name == "u32be") return U32be;
        if (name == "u64le") return U64le;
        return name == "u64be" ? U64be : Decimal;
    }

    void readBounds() {
        options_.highWaterMark = static_cast<int>(
            host_.integer("/high_water_mark", options_.highWaterMark, 1, kHighWaterMarkMax));
        options_.frameBytesMax = host_.size("/max_message", options_.frameBytesMax);
        if (options_.frameBytesMax < kFrameBytesLeast || options_.frameBytesMax > kFrameBytesMost)
            host_.settingError("/max_message", "bad-value", "is out of range",
                               "write a size from 1KiB to 1GiB");
    }

    void readHeartbeat() {
        options_.heartbeat = host_.duration("/heartbeat", plugin::milliseconds{0});
        const auto timeout =
            host_.duration("/heartbeat_timeout", options_.heartbeat * kHeartbeatsMissed);
        options_.heartbeatTimeout = timeout;
        if (options_.heartbeat == plugin::milliseconds{0}) {
            if (host_.text("/heartbeat_timeout"))
                host_.settingError("/heartbeat_timeout", "incomplete", "stands without heartbeat",
                                   "write heartbeat: 10s as well");
            return;
        }
        if (options_.heartbeat < kHeartbeatLeast || options_.heartbeat > kHeartbeatMost)
            host_.settingError("/heartbeat", "bad-value", "is out of range",
                               "write 100ms to 1h, or 0s for none");
        if (timeout < options_.heartbeat || timeout > kHeartbeatMost)
            host_.settingError("/heartbeat_timeout", "bad-value", "is out of range",
                               "write a time from heartbeat to 1h");
    }

    plugin::Host& host_;
    Options options_;
};

}  // namespace

Options readOptions(plugin::Host& host) {
    return Reading(host).read();
}

}  // namespace sluice::zeromq
