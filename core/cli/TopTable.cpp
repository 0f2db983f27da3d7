#include "cli/TopTable.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace sluice::cli {
namespace {

std::int64_t countAt(const Json& json, std::string_view name) {
    const Json* const value = json.find(name);
    return value ? std::strtoll(value->text().c_str(), nullptr, 10) : 0;
}

std::string grouped(std::int64_t count) {
    const std::string digits = std::to_string(count);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') text += ',';
        text += digits[i];
    }
    return text;
}

std::string rateText(double perSecond) {
    if (perSecond >= 10 || perSecond == 0) return grouped(std::llround(perSecond));
    std::ostringstream out;
    out.precision(1);
    out << std::fixed << perSecond;
    return out.str();
}

std::string bytesText(std::int64_t count) {
    constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB"};
    std::size_t unit = 0;
    auto size = static_cast<double>(count);
    for (; size >= 1'024 && unit < 3; ++unit) size /= 1'024;
    std::ostringstream out;
    out.precision(size < 10 && unit > 0 ? 1 : 0);
    out << std::fixed << size << kUnits[unit];
    return out.str();
}

std::string durationText(std::int64_t ms) {
    const std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1'000;
    if (seconds < 120) return std::to_string(seconds) + " s";
    if (seconds < 7'200) return std::to_string(seconds / 60) + " min";
    return std::to_string(seconds / 3'600) + " h";
}

/// Columns as wide as their widest cell; those of numbers stand to the right.
class Table {
  public:
    explicit Table(std::vector<std::string> heads) : rows_{std::move(heads)} {}

    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    void write(std::string& out, std::size_t columns) const {
        std::vector<std::size_t> widths(rows_.front().size());
        for (const auto& row : rows_)
            for (std::size_t i = 0; i < row.size(); ++i)
                widths[i] = std::max(widths[i], row[i].size());
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t i = 0; i < row.size(); ++i) {
                const std::string room(widths[i] - row[i].size(), ' ');
                line += isNumber(i) ? room + row[i] : row[i] + room;
                line += "  ";
            }
            line.resize(std::min(line.find_last_not_of(' ') + 1, columns));
            out += line + '\n';
        }
    }

  private:
    bool isNumber(std::size_t column) const {
        return std::all_of(rows_.begin() + 1, rows_.end(), [&](const auto& row) {
            const std::string& cell = row[column];
            if (cell.empty() || cell[0] == '-') return true;
            const bool isAddress = std::count(cell.begin(), cell.end(), '.') > 1;
            return std::isdigit(static_cast<unsigned char>(cell[0])) && !isAddress;
        });
    }

    std::vector<std::vector<std::string>> rows_;
};

class Top {
  public:
    Top(const NodeLook& before, const NodeLook& now) : before_{before}, now_{now} {
        seconds_ = std::max(std::chrono::duration<double>(now.at - before.at).count(), 0.001);
    }

    std::string figures() const {
        const auto rate = [&](const char* metric) {
            return rateText((totalOf(now_.metrics, metric) - totalOf(before_.metrics, metric)) /
                            seconds_);
        };
        const auto sum = [&](const char* metric) {
            return grouped(std::llround(totalOf(now_.metrics, metric)));
        };
        return rate("sluice_messages_total") + " received/s, " + rate("sluice_deliveries_total") +
               " delivered/s, " + sum("sluice_subscribers") + " readers, " +
               sum("sluice_channels") + " channels, " +
               bytesText(std::llround(totalOf(now_.metrics, "sluice_history_bytes"))) +
               " of history, " + sum("sluice_gaps_total") + " gaps told\n";
    }

    void inputs(std::string& out, std::size_t columns) const {
        Table table{{"INPUT", "PLUGIN", "STATE", "MSG/S", "BEHIND", "MAPPED", "FILTERED",
                     "UNMATCHED", "REJECTED", "LOST", "RESTARTS", "WHY"}};
        for (const Json& input : itemsOf(now_.inputs, "inputs")) {
            const Json& messages = *input.find("messages");
            std::int64_t rejected = 0;
            for (const Json& count : messages.find("rejected")->items())
                rejected += std::strtoll(count.text().c_str(), nullptr, 10);
            const std::string name{input.textAt("name")};
            const auto since = countAt(messages, "received") - received(before_, name);
            table.add(
                {name, std::string{input.textAt("plugin")}, std::string{input.textAt("state")},
                 rateText(static_cast<double>(std::max<std::int64_t>(since, 0)) / seconds_),
                 grouped(countAt(input, "lag")), grouped(countAt(messages, "mapped")),
                 grouped(countAt(messages, "filtered")), grouped(countAt(messages, "unmatched")),
                 grouped(rejected), grouped(countAt(input, "lost")),
                 grouped(countAt(input, "restarts")), std::string{input.textAt("text")}});
        }
        table.write(out, columns);
    }

    void mappings(std::string& out, std::size_t rowsMax, std::size_t columns) const {
        Table table{{"MAPPING", "FROM", "CHANNEL", "EVENT/S", "EVENTS", "LAST REJECTED"}};
        const std::vector<Json>& before = itemsOf(before_.mappings, "mappings");
        const std::vector<Json>& now = itemsOf(now_.mappings, "mappings");
        for (std::size_t i = 0; i < std::min(now.size(), rowsMax); ++i) {
            const Json& one = now[i];
            const std::int64_t events = countAt(one, "events");
            const std::int64_t since =
                i < before.size() ? std::max<std::int64_t>(events - countAt(before[i], "events"), 0)
                                  : 0;
            const std::vector<Json>& samples = one.find("samples")->items();
            table.add({grouped(countAt(one, "mapping")),
                       std::string{one.textAt("input")} + ':' + std::string{one.textAt("from")},
                       std::string{one.textAt("channel")},
                       rateText(static_cast<double>(since) / seconds_), grouped(events),
                       samples.empty() ? "" : std::string{samples.front().textAt("text")}});
        }
        table.write(out, columns);
    }

    void channels(std::string& out, std::size_t rowsMax, std::size_t columns) const {
        std::vector<const Json*> latest;
        for (const Json& channel : itemsOf(now_.channels, "channels")) latest.push_back(&channel);
        const std::size_t shown = std::min(latest.size(), rowsMax);
        std::partial_sort(latest.begin(), latest.begin() + static_cast<std::ptrdiff_t>(shown),
                          latest.end(), [](const Json* a, const Json* b) {
                              return countAt(*a, "lastAppendMs") > countAt(*b, "lastAppendMs");
                          });
        Table table{{"CHANNEL", "EVENTS", "BYTES", "LAST EVENT", "READERS"}};
        for (std::size_t i = 0; i < shown; ++i) {
            const Json& channel = *latest[i];
            const Json* const subscribed = channel.find("subscribed");
            table.add({std::string{channel.textAt("name")}, grouped(countAt(channel, "events")),
                       bytesText(countAt(channel, "bytes")),
                       durationText(now_.wallMs - countAt(channel, "lastAppendMs")) + " ago",
                       subscribed && subscribed->text() == "true" ? "yes" : "none"});
        }
        table.write(out, columns);
        if (latest.size() > shown)
            out += "and " + grouped(static_cast<std::int64_t>(latest.size() - shown)) +
                   " channels more\n";
    }

    void readers(std::string& out, std::size_t rowsMax, std::size_t columns) const {
        const std::vector<Json>& furthest = itemsOf(now_.subscribers, "subscribers");
        if (furthest.empty()) return;
        Table table{{"READER", "STATE", "BEHIND", "OLDEST WAITS", "OPEN FOR", "CHANNELS"}};
        const std::size_t shown = std::min(furthest.size(), rowsMax);
        for (std::size_t i = 0; i < shown; ++i) table.add(cellsOf(furthest[i]));
        out += '\n';
        table.write(out, columns);
        const std::int64_t open = countAt(now_.subscribers, "open");
        const std::int64_t left = open - static_cast<std::int64_t>(shown);
        if (left > 0) out += "and " + grouped(left) + " readers more\n";
    }

  private:
    static std::vector<std::string> cellsOf(const Json& reader) {
        const Json* const lag = reader.find("lag");
        const bool isKnown = lag && lag->find("events");
        const std::string_view subject = reader.textAt("subject");
        std::string channels;
        for (const Json& channel : reader.find("channels")->items())
            channels += (channels.empty() ? "" : ", ") + channel.text();
        return {std::string{subject.empty() ? reader.textAt("address") : subject},
                std::string{reader.textAt("state")},
                isKnown ? grouped(countAt(*lag, "events")) : "",
                isKnown && countAt(*lag, "events") > 0 ? durationText(countAt(*lag, "ms")) : "",
                durationText(countAt(reader, "ageMs")),
                std::move(channels)};
    }

    static const std::vector<Json>& itemsOf(const Json& json, std::string_view name) {
        static const std::vector<Json> kNone;
        const Json* const list = json.find(name);
        return list ? list->items() : kNone;
    }

    static std::int64_t received(const NodeLook& look, std::string_view name) {
        for (const Json& input : itemsOf(look.inputs, "inputs"))
            if (input.textAt("name") == name) return countAt(*input.find("messages"), "received");
        return 0;
    }

    const NodeLook& before_;
    const NodeLook& now_;
    double seconds_ = 1;
};

}  // namespace

double totalOf(const std::string& metrics, std::string_view name) {
    double total = 0;
    std::istringstream lines{metrics};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name) || line.size() <= name.size()) continue;
        if (line[name.size()] != '{' && line[name.size()] != ' ') continue;
        total += std::strtod(line.c_str() + line.rfind(' '), nullptr);
    }
    return total;
}

std::string topText(const std::string& url, const NodeLook& before, const NodeLook& now,
                    std::size_t rowsMax, std::size_t columns) {
    const Top top{before, now};
    std::string out = url + ": " + top.figures() + '\n';
    top.inputs(out, columns);
    out += '\n';
    top.mappings(out, rowsMax, columns);
    out += '\n';
    top.channels(out, rowsMax, columns);
    top.readers(out, rowsMax, columns);
    return out;
}

}  // namespace sluice::cli
