#include "journal/Piece.h"

#include <algorithm>
#include <memory>

#include "journal/Bytes.h"
#include "journal/Records.h"

namespace sluice {

std::string Piece::blob() const {
    std::string out;
    ByteWriter to{out};
    to.number(before);
    to.number(first);
    to.places(base ? *base : BaseCut{});
    out += events;
    return out;
}

ReadPiece::ReadPiece(std::string_view blob) {
    ByteReader in{blob};
    before = in.number();
    first = in.number();
    base = std::make_shared<BaseCut>(in.places());
    while (!in.atEnd()) events.push_back(records::readEvent(in));
    const auto unordered = std::adjacent_find(
        events.begin(), events.end(),
        [](const KeptEvent& a, const KeptEvent& b) { return a.record.seq >= b.record.seq; });
    if (events.empty() || unordered != events.end() || events.front().record.seq != first)
        throw BadBytes{};
}

void ReadPiece::trim(std::uint64_t upTo, const LaneTable& lanes) {
    const auto end = std::find_if(events.begin(), events.end(), [upTo](const KeptEvent& event) {
        return event.record.seq > upTo;
    });
    if (end == events.begin()) return;
    auto raised = std::make_shared<BaseCut>(*base);
    for (auto event = events.begin(); event != end; ++event) {
        const Record& record = event->record;
        if (raised->size() <= record.lane) raised->resize(record.lane + 1);
        Place& place = (*raised)[record.lane];
        const FamilyIndex family = lanes.lanes[record.lane].family;
        const Words words = family == kNoFamily ? Words::One : lanes.families[family].words;
        place = std::max(place, placeAfter(record.place(), record.of, words));
    }
    base = std::move(raised);
    events.erase(events.begin(), end);
    if (!events.empty()) first = events.front().record.seq;
}

}  // namespace sluice
