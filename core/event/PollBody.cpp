#include "event/PollBody.h"

#include "base/Assert.h"

namespace sluice {
namespace {

/// The fields of one block.
struct Fields {
    std::string_view event, id;
    std::string data;
};

Fields fieldsOf(std::string_view block) {
    constexpr std::string_view kEvent = "event: ", kData = "data: ", kId = "id: ";
    Fields fields;
    while (!block.empty()) {
        const std::size_t end = block.find('\n');
        SLUICE_ASSERT(end != std::string_view::npos);
        const std::string_view line = block.substr(0, end);
        if (line.starts_with(kEvent)) fields.event = line.substr(kEvent.size());
        if (line.starts_with(kId)) fields.id = line.substr(kId.size());
        if (line.starts_with(kData)) {
            if (!fields.data.empty()) fields.data += '\n';
            fields.data += line.substr(kData.size());
        }
        block.remove_prefix(end + 1);
    }
    return fields;
}

void appendItem(std::string& list, std::string_view item) {
    if (!list.empty()) list += ',';
    list += item;
}

}  // namespace

void PollBody::add(std::string_view block) {
    Fields fields = fieldsOf(block);
    // What it echoes is where the reader was, not where it is.
    if (fields.event == "sluice.open") return;
    id_ = fields.id;
    if (fields.event == "sluice.at") return;
    if (fields.event == "sluice.gap") {
        std::string_view gaps = fields.data;
        if (gaps.starts_with('[')) gaps = gaps.substr(1, gaps.size() - 2);
        appendItem(gaps_, gaps);
        return;
    }
    SLUICE_ASSERT(fields.data.starts_with('{') && fields.data.ends_with('}'));
    fields.data.pop_back();
    appendItem(events_, fields.data.append(",\"id\":\"").append(fields.id).append("\"}"));
    ++eventCount_;
}

std::string PollBody::openJson() const {
    return R"({"events":[)" + events_ + R"(],"gaps":[)" + gaps_ + R"(],"id":")" + id_ + '"';
}

}  // namespace sluice
