#include "GapReader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "Facts.h"

namespace sluice::property {
namespace {

/// Just enough JSON for gaps: no escapes but \" and \\, no exponents.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_{text} {}

    std::vector<ReadGap> gaps() {
        std::vector<ReadGap> all;
        if (takes('[')) {
            do all.push_back(gap());
            while (takes(','));
            expect(']');
        } else {
            all.push_back(gap());
        }
        if (at_ != text_.size()) fail("text behind the end");
        return all;
    }

  private:
    ReadGap gap() {
        ReadGap gap;
        unsigned seen = 0;
        expect('{');
        do {
            const std::string name = string();
            expect(':');
            if (name == "reason") {
                gap.reason = string();
                seen |= 1;
            } else if (name == "channel") {
                gap.channel = string();
            } else if (name == "input") {
                gap.input = string();
            } else if (name == "lanes") {
                lanes(gap);
                seen |= 2;
            } else if (name == "atMost") {
                if (!takes("null")) number();
                seen |= 4;
            } else if (name == "mayRepeat") {
                gap.mayRepeat = takes("true");
                if (!gap.mayRepeat && !takes("false")) fail("mayRepeat");
                seen |= 8;
            } else {
                fail("member");
            }
        } while (takes(','));
        expect('}');
        if (seen != 15) fail("a member is missing");
        checkReason(gap);
        return gap;
    }

    void checkReason(const ReadGap& gap) {
        static constexpr std::array<std::string_view, 8> kReasons = {
            "evicted", "expired", "reset", "lost", "approximate", "busy", "bad-id", "skipped"};
        if (std::find(kReasons.begin(), kReasons.end(), gap.reason) == kReasons.end())
            fail("reason");
        const bool repeats =
            gap.reason == "reset" || gap.reason == "approximate" || gap.reason == "bad-id";
        if (gap.mayRepeat != repeats) fail("mayRepeat does not fit the reason");
    }

    void lanes(ReadGap& gap) {
        gap.allLanes = takes("null");
        if (gap.allLanes) return;
        expect('[');
        if (takes(']')) return;
        do gap.lanes.push_back(lane());
        while (takes(','));
        expect(']');
    }

    ReadGap::Lane lane() {
        ReadGap::Lane lane;
        expect('{');
        expect("\"lane\":");
        lane.name = string();
        expect(",\"from\":");
        lane.from = place();
        expect(",\"to\":");
        lane.to = place();
        expect('}');
        return lane;
    }

    std::optional<Place> place() {
        if (takes("null")) return std::nullopt;
        const std::string text = string();
        const char* at = text.data();
        const char* const end = at + text.size();
        Place place;
        const auto word = [&](auto& value) {
            const auto read = std::from_chars(at, end, value);
            if (read.ec != std::errc{}) fail("a place");
            at = read.ptr;
        };
        word(place.position.first);
        if (at != end && *at == '-') ++at, word(place.position.second);
        if (at != end && *at == '+') {
            ++at, word(place.ordinal);
            if (place.ordinal == 0) fail("an ordinal of 0 is not written");
        }
        if (at != end) fail("text behind a place");
        return place;
    }

    std::string string() {
        expect('"');
        std::string value;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') ++at_;
            if (at_ < text_.size()) value += text_[at_++];
        }
        expect('"');
        return value;
    }
    void number() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
        if (at_ == begin) fail("a number");
    }
    bool takes(char c) { return takes(std::string_view{&c, 1}); }
    bool takes(std::string_view word) {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    void expect(char c) { expect(std::string_view{&c, 1}); }
    void expect(std::string_view word) {
        if (!takes(word)) fail(word);
    }
    [[noreturn]] void fail(std::string_view what) {
        throw Violation{"gap: " + std::string{what} + " at byte " + std::to_string(at_) + " of " +
                        std::string{text_}};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<ReadGap> readGaps(std::string_view json) {
    return Reader{json}.gaps();
}

}  // namespace sluice::property
