#include "expression/TimeZone.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>

#include "expression/Time.h"

namespace sluice::cel {
namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::size_t kNameBytesMax = 64;

/// A whole number in network order.
std::int64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    // The first byte carries the sign.
    auto value = static_cast<std::int64_t>(static_cast<signed char>(bytes[at]));
    for (std::size_t i = 1; i < size; ++i)
        value = value * 256 + static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// The counts in a header of a zone's file, and where its parts lie.
struct Layout {
    std::size_t leapCount, changeCount, typeCount, nameBytes, utcCount, standardCount;
    std::size_t timeBytes;

    static std::optional<Layout> read(std::string_view bytes, std::size_t at,
                                      std::size_t timeBytes) {
        if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") return std::nullopt;
        const auto count = [&](std::size_t i) {
            return static_cast<std::size_t>(number(bytes, at + 20 + 4 * i, 4) & 0xffff'ffff);
        };
        Layout layout{count(2), count(3), count(4), count(5), count(0), count(1), timeBytes};
        const std::size_t counts[] = {layout.leapCount, layout.changeCount, layout.typeCount,
                                      layout.nameBytes, layout.utcCount,    layout.standardCount};
        for (const std::size_t each : counts)
            if (each > kTimeZoneBytesMax) return std::nullopt;
        if (bytes.size() < at + kHeaderBytes + layout.size()) return std::nullopt;
        return layout;
    }
    std::size_t size() const {
        return changeCount * (timeBytes + 1) + typeCount * 6 + nameBytes +
               leapCount * (timeBytes + 4) + standardCount + utcCount;
    }
};

bool isName(std::string_view name) {
    if (name.empty() || name.size() > kNameBytesMax || name.front() == '/') return false;
    if (name.find("..") != std::string_view::npos) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '_' || c == '-' || c == '+' || c == '.';
    });
}

/// "+01:00", "-02:30", "05:45".
std::optional<std::int64_t> fixedOffset(std::string_view name) {
    const bool isNegative = name.starts_with('-');
    if (isNegative || name.starts_with('+')) name.remove_prefix(1);
    const auto isDigit = [name](std::size_t i) { return name[i] >= '0' && name[i] <= '9'; };
    if (name.size() != 5 || name[2] != ':' || !isDigit(0) || !isDigit(1) || !isDigit(3) ||
        !isDigit(4))
        return std::nullopt;
    const int hours = (name[0] - '0') * 10 + name[1] - '0';
    const int minutes = (name[3] - '0') * 10 + name[4] - '0';
    if (hours > 23 || minutes > 59) return std::nullopt;
    return (isNegative ? -60 : 60) * (hours * 60 + minutes);
}

std::string fileOf(std::string_view name) {
    // Read once: the environment does not change while a node runs.
    static const std::string folder = [] {
        const char* const given = std::getenv("TZDIR");
        return std::string{given && *given ? given : "/usr/share/zoneinfo"};
    }();
    return folder + '/' + std::string{name};
}

std::string bytesOf(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::string bytes(kTimeZoneBytesMax, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return bytes;
}

class Zones {
  public:
    std::shared_ptr<const TimeZone> find(std::string_view name) {
        const std::lock_guard lock{mutex_};
        const auto known = zones_.find(name);
        if (known != zones_.end()) return known->second;
        std::shared_ptr<const TimeZone> zone = TimeZone::parse(bytesOf(fileOf(name)));
        // Names that do not exist are asked for again: they may come from messages without end.
        if (zone && zones_.size() < kTimeZonesMax) zones_.emplace(name, zone);
        return zone;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>> zones_;
};

}  // namespace

std::shared_ptr<const TimeZone> TimeZone::find(std::string_view name) {
    static Zones zones;
    std::optional<std::int64_t> offset = fixedOffset(name);
    if (name == "UTC" || name == "GMT" || name == "Z") offset = 0;
    if (offset) {
        TimeZone fixed;
        fixed.offsets_ = {*offset};
        return std::make_shared<const TimeZone>(std::move(fixed));
    }
    return isName(name) ? zones.find(name) : nullptr;
}

std::shared_ptr<const TimeZone> TimeZone::parse(std::string_view bytes) {
    // Version 1 has times of 32 bits and is only walked over; the part that counts comes behind it.
    const std::optional<Layout> old = Layout::read(bytes, 0, 4);
    if (!old) return nullptr;
    const bool isOld = bytes[4] < '2';
    const std::size_t header = isOld ? 0 : kHeaderBytes + old->size();
    const std::optional<Layout> layout = isOld ? old : Layout::read(bytes, header, 8);
    if (!layout || layout->typeCount == 0) return nullptr;
    const std::size_t times = header + kHeaderBytes;
    const std::size_t kinds = times + layout->changeCount * layout->timeBytes;
    const std::size_t types = kinds + layout->changeCount;
    TimeZone zone;
    zone.offsets_ = {number(bytes, types, 4)};
    for (std::size_t i = 0; i < layout->changeCount; ++i) {
        const auto type = static_cast<unsigned char>(bytes[kinds + i]);
        if (type >= layout->typeCount) return nullptr;
        zone.changes_.push_back(number(bytes, times + i * layout->timeBytes, layout->timeBytes));
        zone.offsets_.push_back(number(bytes, types + 6u * type, 4));
    }
    if (!std::is_sorted(zone.changes_.begin(), zone.changes_.end())) return nullptr;
    const std::size_t footer = times + layout->size();
    if (!isOld && bytes.size() > footer + 1) {
        const std::string_view text = bytes.substr(footer + 1);
        zone.hasRule_ = parseRule(text.substr(0, text.find('\n')), zone.rule_);
    }
    return std::make_shared<const TimeZone>(std::move(zone));
}

std::int64_t TimeZone::offsetAt(std::int64_t seconds) const {
    const auto next = std::upper_bound(changes_.begin(), changes_.end(), seconds);
    if (next == changes_.end() && hasRule_) return ruled(seconds);
    return offsets_[static_cast<std::size_t>(next - changes_.begin())];
}

namespace {

/// When a yearly change happens, in seconds of the clock since 1970.
std::int64_t momentOf(const YearlyChange& change, std::chrono::year year) {
    using namespace std::chrono;
    sys_days day = year / January / 1;
    if (change.by == YearlyChange::By::WeekdayOfMonth) {
        const month which{static_cast<unsigned>(change.month)};
        const weekday wanted{static_cast<unsigned>(change.day)};
        day = change.week == 5
                  ? sys_days{year / which / wanted[last]}
                  : sys_days{year / which / wanted[static_cast<unsigned>(change.week)]};
    } else {
        const bool skipsLeapDay = change.by == YearlyChange::By::DayOfYearWithoutLeapDay;
        const bool isBehindIt = skipsLeapDay && year.is_leap() && change.day >= 60;
        day += days{change.day - (skipsLeapDay ? 1 : 0) + (isBehindIt ? 1 : 0)};
    }
    return sys_seconds{day}.time_since_epoch().count() + change.seconds;
}

}  // namespace

std::int64_t TimeZone::ruled(std::int64_t seconds) const {
    if (!rule_.hasSummer) return rule_.standard;
    const std::chrono::sys_seconds shown{std::chrono::seconds{seconds + rule_.standard}};
    const std::chrono::year year =
        std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(shown)}.year();
    const std::int64_t begin = momentOf(rule_.begin, year) - rule_.standard;
    const std::int64_t end = momentOf(rule_.end, year) - rule_.summer;
    // In the south summer goes over the end of the year.
    const bool isSummer =
        begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    return isSummer ? rule_.summer : rule_.standard;
}

}  // namespace sluice::cel
