#include "SseParser.h"

#include <algorithm>

namespace sluice::bench {

bool SseParser::feed(std::string_view bytes, SseSink& sink) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) {
            carry_.append(bytes);
            return carry_.size() <= kLineBytesMax;
        }
        if (carry_.empty()) {
            line(bytes.substr(0, end), sink);
        } else {
            carry_.append(bytes.substr(0, end));
            line(carry_, sink);
            carry_.clear();
        }
        bytes.remove_prefix(end + 1);
    }
    return true;
}

void SseParser::line(std::string_view text, SseSink& sink) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) return dispatch(sink);
    const std::size_t colon = text.find(':');
    if (colon == 0) return;
    if (colon == std::string_view::npos) return field(text, {});
    std::string_view value = text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(text.substr(0, colon), value);
}

void SseParser::field(std::string_view name, std::string_view value) {
    if (name == "data") {
        hasData_ = true;
        const std::size_t room = std::min(value.size(), kDataHeadBytes - dataHeadBytes_);
        std::copy_n(value.data(), room, dataHead_.data() + dataHeadBytes_);
        dataHeadBytes_ += room;
    } else if (name == "id") {
        if (value.find('\0') != std::string_view::npos) return;
        pendingId_.assign(value);
        hasId_ = true;
    } else if (name == "event") {
        typeBytes_ = std::min(value.size(), type_.size());
        std::copy_n(value.data(), typeBytes_, type_.data());
    }
}

void SseParser::dispatch(SseSink& sink) {
    if (hasId_) lastId_.swap(pendingId_);
    if (hasData_) {
        sink.onEvent({std::string_view(type_.data(), typeBytes_),
                      std::string_view(dataHead_.data(), dataHeadBytes_)});
    }
    dataHeadBytes_ = typeBytes_ = 0;
    hasData_ = hasId_ = false;
}

void SseParser::reset() {
    carry_.clear();
    dataHeadBytes_ = typeBytes_ = 0;
    hasData_ = hasId_ = false;
}

}  // namespace sluice::bench
