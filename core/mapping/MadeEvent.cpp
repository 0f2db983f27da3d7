#include "mapping/MadeEvent.h"

namespace sluice {

std::vector<MadeEvent> madeEvents(const EventBatch& batch) {
    constexpr std::string_view kEventField = "event: ";
    std::vector<MadeEvent> all;
    for (const EventBatch::Message& message : batch.messages())
        for (const EventBatch::Event& event : batch.events(message)) {
            const std::string_view bytes = batch.bytes(event);
            const std::string_view eventLine = bytes.substr(event.keyLength, event.eventLineLength);
            MadeEvent& made = all.emplace_back();
            made.channel = batch.channel(event.channelsBegin);
            made.key = bytes.substr(0, event.keyLength);
            made.lines = bytes.substr(event.keyLength);
            made.data = dataOf(made.lines.substr(event.eventLineLength));
            if (eventLine.size() > kEventField.size())
                made.event =
                    eventLine.substr(kEventField.size(), eventLine.size() - kEventField.size() - 1);
        }
    return all;
}

}  // namespace sluice
