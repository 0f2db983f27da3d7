#include "Client.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::soak {
namespace {

constexpr double kShortestShare = 1.0 / 256;  // of the longest stay

// Not the library's distributions: the same seed means the same cuts with every library.
double unit(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

std::mt19937_64 generator(std::uint64_t seed, std::size_t number) {
    return std::mt19937_64((seed + 1) * 1'000'003 + number);
}

std::vector<bool> chosen(const CrowdOptions& options, std::size_t number) {
    std::mt19937_64 random = generator(options.seed, number);
    std::vector<bool> mine(options.channels);
    for (std::size_t left = options.take; left > 0;) {
        const auto channel = static_cast<std::size_t>(random() % options.channels);
        if (mine[channel]) continue;
        mine[channel] = true;
        --left;
    }
    return mine;
}

std::string target(const CrowdOptions& options, const std::vector<bool>& mine) {
    std::string text = "/events?channels=";
    for (std::size_t c = 0; c < mine.size(); ++c) {
        if (mine[c]) text += (text.back() == '=' ? "" : ",") + options.prefix + std::to_string(c);
    }
    return text;
}

bool takeNumber(std::string_view& text, std::string_view prefix, std::uint64_t& value) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
}

}  // namespace

Client::Client(const CrowdOptions& options, Findings& findings, std::size_t number)
    : options_(options),
      findings_(findings),
      number_(number),
      random_(generator(~options.seed, number)),
      audit_(options.sequences, chosen(options, number)),
      connection_(target(options, chosen(options, number)), options.host) {}

bool Client::read(char* buffer, std::size_t bufferBytes) {
    const std::ptrdiff_t count = connection_.receive(buffer, bufferBytes);
    if (count <= 0) return count == 0;
    return connection_.take({buffer, static_cast<std::size_t>(count)}, *this);
}

void Client::cut(char* buffer, std::size_t bufferBytes) {
    const std::size_t lastBytes = 1 + random_() % std::min(bufferBytes, kLastBytesMax);
    if (chance(0.5) && !read(buffer, lastBytes)) return;
    connection_.close(chance(0.5));
    if (!chance(options_.forgets)) return;
    connection_.forgetId();
    audit_.forget();
}

// As many are short as long: each octave between the shortest and the longest has the same share.
std::int64_t Client::shareOf(double seconds) {
    return static_cast<std::int64_t>(seconds * 1e6 * std::pow(kShortestShare, unit(random_)));
}

bool Client::chance(double share) {
    return unit(random_) < share;
}

void Client::onEvent(const bench::SseEvent& event) {
    if (event.type == "sluice.gap") {
        audit_.told();
        if (findings_.gaps++ == 0) {
            findings_.firstGap = "client " + std::to_string(number_) + ": ";
            findings_.firstGap += event.dataHead;
        }
    }
    if (event.type.starts_with("sluice.")) return;
    std::string_view rest = event.dataHead;
    std::uint64_t sequence = 0, number = 0;
    if (takeNumber(rest, "{\"s\":", sequence) && takeNumber(rest, ",\"n\":", number)) {
        return audit_.see(sequence, number, findings_, number_);
    }
    ++findings_.foreign;
    if (findings_.firstFault.empty())
        findings_.firstFault = "strange: " + std::string(event.dataHead);
}

}  // namespace sluice::soak
