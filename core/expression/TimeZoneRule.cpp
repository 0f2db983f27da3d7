#include <cstdlib>

#include "expression/TimeZone.h"

// The footer of a zone's file: the TZ of POSIX with the extensions of RFC 8536, such as
// "EST5EDT,M3.2.0,M11.1.0" or "<+0330>-3:30".
namespace sluice::cel {
namespace {

class RuleReader {
  public:
    explicit RuleReader(std::string_view text) : rest_{text} {}

    bool atEnd() const { return rest_.empty(); }
    char next() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool take(char c) {
        if (next() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// "EST" or "<+03>".
    bool name() {
        const bool isQuoted = take('<');
        std::size_t length = 0;
        while (!rest_.empty() && isOfName(next(), isQuoted)) {
            rest_.remove_prefix(1);
            ++length;
        }
        return length >= 3 && (!isQuoted || take('>'));
    }

    bool number(int max, int& value) {
        if (next() < '0' || next() > '9') return false;
        value = 0;
        while (next() >= '0' && next() <= '9') {
            value = value * 10 + (next() - '0');
            if (value > max) return false;
            rest_.remove_prefix(1);
        }
        return true;
    }

    /// "[+-]h[h][:mm[:ss]]", up to 167 hours.
    bool seconds(std::int64_t& value) {
        const bool isNegative = take('-');
        if (!isNegative) take('+');
        int hours = 0, minutes = 0, rest = 0;
        if (!number(167, hours) || (take(':') && !number(59, minutes)) ||
            (take(':') && !number(59, rest)))
            return false;
        value = (isNegative ? -1 : 1) * (hours * 3'600 + minutes * 60 + rest);
        return true;
    }

    bool change(YearlyChange& change) {
        if (take('M')) {
            change.by = YearlyChange::By::WeekdayOfMonth;
            if (!number(12, change.month) || change.month == 0 || !take('.') ||
                !number(5, change.week) || change.week == 0 || !take('.') || !number(6, change.day))
                return false;
        } else if (take('J')) {
            change.by = YearlyChange::By::DayOfYearWithoutLeapDay;
            if (!number(365, change.day) || change.day == 0) return false;
        } else if (!number(365, change.day)) {
            return false;
        }
        return !take('/') || seconds(change.seconds);
    }

  private:
    static bool isOfName(char c, bool isQuoted) {
        const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return isLetter || (isQuoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
    }

    std::string_view rest_;
};

}  // namespace

bool TimeZone::parseRule(std::string_view text, Rule& rule) {
    RuleReader reader{text};
    std::int64_t west = 0;
    if (!reader.name() || !reader.seconds(west)) return false;
    rule.standard = -west;
    if (reader.atEnd()) return true;
    rule.hasSummer = true;
    rule.summer = rule.standard + 3'600;
    if (!reader.name()) return false;
    if (reader.next() != ',') {
        if (!reader.seconds(west)) return false;
        rule.summer = -west;
    }
    return reader.take(',') && reader.change(rule.begin) && reader.take(',') &&
           reader.change(rule.end) && reader.atEnd();
}

}  // namespace sluice::cel
