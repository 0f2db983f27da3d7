#include "CrowdOptions.h"

#include <charconv>
#include <string_view>

#include <arpa/inet.h>
#include <getopt.h>

namespace sluice::soak {
namespace {

enum Option {
    kServer = 1,
    kPrefix,
    kClients,
    kChannels,
    kSequences,
    kTake,
    kSeed,
    kStay,
    kAway,
    kForgets,
    kPatience
};

constexpr option kLongOptions[] = {{"server", required_argument, nullptr, kServer},
                                   {"prefix", required_argument, nullptr, kPrefix},
                                   {"clients", required_argument, nullptr, kClients},
                                   {"channels", required_argument, nullptr, kChannels},
                                   {"sequences", required_argument, nullptr, kSequences},
                                   {"take", required_argument, nullptr, kTake},
                                   {"seed", required_argument, nullptr, kSeed},
                                   {"stay", required_argument, nullptr, kStay},
                                   {"away", required_argument, nullptr, kAway},
                                   {"forgets", required_argument, nullptr, kForgets},
                                   {"patience", required_argument, nullptr, kPatience},
                                   {nullptr, 0, nullptr, 0}};

template <typename Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < Number{}) {
        throw UsageError("not a number: " + std::string(text));
    }
    return value;
}

void setServer(CrowdOptions& options, std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string address(text.substr(0, colon));
    options.host = text;
    options.server.sin_family = AF_INET;
    if (colon == std::string_view::npos ||
        inet_pton(AF_INET, address.c_str(), &options.server.sin_addr) != 1) {
        throw UsageError("--server wants ADDRESS:PORT with an IPv4 address");
    }
    options.server.sin_port = htons(number<std::uint16_t>(text.substr(colon + 1)));
}

void set(CrowdOptions& options, int option, const char* value) {
    switch (option) {
        case kServer:
            return setServer(options, value);
        case kPrefix:
            options.prefix = value;
            return;
        case kClients:
            options.clients = number<std::size_t>(value);
            return;
        case kChannels:
            options.channels = number<std::size_t>(value);
            return;
        case kSequences:
            options.sequences = number<std::size_t>(value);
            return;
        case kTake:
            options.take = number<std::size_t>(value);
            return;
        case kSeed:
            options.seed = number<std::uint64_t>(value);
            return;
        case kStay:
            options.staySeconds = number<double>(value);
            return;
        case kAway:
            options.awaySeconds = number<double>(value);
            return;
        case kForgets:
            options.forgets = number<double>(value);
            return;
        case kPatience:
            options.patienceSeconds = number<double>(value);
            return;
        default:
            throw UsageError("unknown option, or one without its value");
    }
}

}  // namespace

const char* usageText() {
    return R"(usage: sluice_crowd --server ADDRESS:PORT [OPTIONS]
Readers of event streams that are cut at random, come back with their last id, and audit what they
got by the numbers in the payloads: {"s":SEQUENCE,"n":NUMBER}, counted from 0 in each sequence.
Sequence S comes on the channel PREFIX followed by S % channels.

  --clients N      readers (1)
  --channels N     how many channels there are (1)
  --sequences N    how many sequences there are, over all channels (1)
  --take N         so many channels each, chosen by the seed (1)
  --prefix TEXT    of the channels' names (flow/)
  --seed N         what cuts and choices derive from (0)
  --stay S         a connection is cut after at most so long; short stays are as likely as long (8)
  --away S         and made again after at most so long (1)
  --forgets SHARE  so many of the cuts begin anew, without the id (0)
  --patience S     after `end`: how long to wait for what is missing (60)

Connects all, waits until each has an id, prints {"ready": ...}. Then obeys lines:
  begin            start to cut
  status           print one line of JSON
  end N0 N1 ...    no more is sent than so much of each sequence: cut nobody any more, wait until all
                   have everything, print one line of JSON and exit: 0 clean, 1 the audit found
                   something
Exit status 2: the run could not be made.
)";
}

CrowdOptions parseCrowdOptions(int argc, char** argv) {
    CrowdOptions options;
    opterr = 0;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", kLongOptions, nullptr)) != -1) {
        set(options, option, optarg);
    }
    if (optind != argc) throw UsageError("unexpected argument: " + std::string(argv[optind]));
    if (options.host.empty()) throw UsageError("--server is missing");
    if (options.clients == 0 || options.channels == 0 || options.sequences < options.channels) {
        throw UsageError(
            "--clients and --channels must be at least 1, --sequences at least as many");
    }
    if (options.take == 0 || options.take > options.channels) {
        throw UsageError("--take must be between 1 and --channels");
    }
    return options;
}

}  // namespace sluice::soak
