#include "LoadOptions.h"

#include <charconv>
#include <string_view>

#include <arpa/inet.h>
#include <getopt.h>

namespace sluice::bench {
namespace {

enum Option { kUrl = 1, kSubscribers, kChannels, kStuck, kSeconds, kWarm, kGrace, kPid };
enum Flag { kIdle = 100, kStorm, kConnecting, kJson, kHelp };

constexpr option kLongOptions[] = {{"url", required_argument, nullptr, kUrl},
                                   {"subscribers", required_argument, nullptr, kSubscribers},
                                   {"channels", required_argument, nullptr, kChannels},
                                   {"stuck", required_argument, nullptr, kStuck},
                                   {"seconds", required_argument, nullptr, kSeconds},
                                   {"warm", required_argument, nullptr, kWarm},
                                   {"grace", required_argument, nullptr, kGrace},
                                   {"pid", required_argument, nullptr, kPid},
                                   {"connecting", required_argument, nullptr, kConnecting},
                                   {"idle", no_argument, nullptr, kIdle},
                                   {"reconnect-storm", no_argument, nullptr, kStorm},
                                   {"json", no_argument, nullptr, kJson},
                                   {"help", no_argument, nullptr, kHelp},
                                   {nullptr, 0, nullptr, 0}};

template <typename Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw UsageError("not a number: " + std::string(text));
    }
    return value;
}

std::vector<pid_t> pidList(std::string_view text) {
    std::vector<pid_t> pids;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        pids.push_back(number<pid_t>(text.substr(0, comma)));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return pids;
}

void setUrl(LoadOptions& options, std::string_view url) {
    constexpr std::string_view kScheme = "http://", kTlsScheme = "https://";
    options.isTls = url.starts_with(kTlsScheme);
    if (!options.isTls && !url.starts_with(kScheme))
        throw UsageError("--url must begin with http:// or https://");
    url.remove_prefix(options.isTls ? kTlsScheme.size() : kScheme.size());
    const std::size_t slash = url.find('/'), colon = url.find(':');
    if (slash == std::string_view::npos || colon >= slash) {
        throw UsageError("--url wants http://ADDRESS:PORT/PATH");
    }
    options.host = url.substr(0, slash);
    options.target = url.substr(slash);
    options.server.sin_family = AF_INET;
    options.server.sin_port =
        htons(number<std::uint16_t>(url.substr(colon + 1, slash - colon - 1)));
    const std::string address(url.substr(0, colon));
    if (inet_pton(AF_INET, address.c_str(), &options.server.sin_addr) != 1) {
        throw UsageError("--url wants an IPv4 address, not " + address);
    }
}

void set(LoadOptions& options, int option, const char* value) {
    switch (option) {
        case kUrl:
            return setUrl(options, value);
        case kSubscribers:
            options.subscribers = number<unsigned>(value);
            return;
        case kChannels:
            options.channels = number<unsigned>(value);
            return;
        case kStuck:
            options.stuck = number<unsigned>(value);
            return;
        case kSeconds:
            options.seconds = number<double>(value);
            return;
        case kWarm:
            options.warmSeconds = number<double>(value);
            return;
        case kGrace:
            options.graceSeconds = number<double>(value);
            return;
        case kPid:
            options.pids = pidList(value);
            return;
        case kConnecting:
            options.connectingMax = number<unsigned>(value);
            return;
        case kIdle:
            options.mode = LoadOptions::Mode::kIdle;
            return;
        case kStorm:
            options.mode = LoadOptions::Mode::kStorm;
            return;
        case kJson:
            options.json = true;
            return;
        default:
            throw UsageError("unknown option, or one without its value");
    }
}

}  // namespace

const char* usageText() {
    return R"(usage: sluice_load --url http://ADDRESS:PORT/PATH [OPTIONS]
Subscribes to event streams, audits their order and measures latency from the scheduled time that
the source wrote into each payload: {"seq":N,"due":US,... (seq from 0 per channel, due in
microseconds of CLOCK_REALTIME).

  --subscribers N     connections (1)
  --channels N        subscriber i reads channel i % N; {i} in PATH becomes that number (1)
  --stuck N           the first N of them have a small receive buffer and never read (0)
  --warm S            seconds between the last response head and the measured time (1)
  --seconds S         measured time (10)
  --grace S           how long to wait for what was due in the measured time (3)
  --pid PID[,PID]     the server: its CPU and memory are reported
  --connecting N      connects without answer at one time (256; in a storm's second half: no bound)
  --reconnect-storm   after half of the measured time cut all by RST and connect all again
  --idle              measure memory only: connect, wait the measured time, report growth
  --json              one JSON line instead of text

Exit status: 0 all is well, 1 the audit found something, 2 the run could not be made.
)";
}

LoadOptions parseLoadOptions(int argc, char** argv) {
    LoadOptions options;
    opterr = 0;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", kLongOptions, nullptr)) != -1) {
        set(options, option, optarg);
    }
    if (optind != argc) throw UsageError("unexpected argument: " + std::string(argv[optind]));
    if (options.host.empty()) throw UsageError("--url is missing");
    if (options.subscribers == 0 || options.channels == 0 || options.connectingMax == 0) {
        throw UsageError("--subscribers, --channels and --connecting must be at least 1");
    }
    if (options.stuck >= options.subscribers) throw UsageError("--stuck leaves no reader");
    if (options.seconds <= 0) throw UsageError("--seconds must be positive");
    return options;
}

}  // namespace sluice::bench
