#include "ReplayInput.h"

#include "Recording.h"

namespace sluice::replay {

ReplayInput::ReplayInput(plugin::Host& host) : host_{host}, options_{readOptions(host)} {
    if (host.settingErrors() > 0) return;
    const Head head = readHead(options_);
    if (head.isPlain) host.plain();
    if (head.positionsOf.empty()) return;
    const std::vector<std::string_view> patterns(head.positionsOf.begin(), head.positionsOf.end());
    host.plainExcept(patterns);
}

ReplayInput::~ReplayInput() {
    stop(plugin::milliseconds{0});
}

void ReplayInput::start(std::span<const sluice_start_position> positions,
                        plugin::milliseconds rewind) {
    Playback::Starts starts;
    for (const sluice_start_position& one : positions)
        starts[{std::string{plugin::view(one.lane.family)}, one.lane.index}] =
            Position::of(one.position);
    playback_ = std::make_unique<Playback>(host_, options_, std::move(starts), rewind);
    thread_ = std::thread{[this] {
        host_.runThread("playing", [this] {
            try {
                playback_->play();
            } catch (const RecordingError& error) {
                host_.health(SLUICE_STATE_FAILED, "malformed", error.what());
            }
        });
    }};
}

void ReplayInput::stop(plugin::milliseconds) {
    if (!playback_) return;
    playback_->stop();
    thread_.join();
    playback_.reset();
}

void ReplayInput::query(std::span<const sluice_text> families) {
    if (playback_) playback_->query(families);
}

}  // namespace sluice::replay

SLUICE_PLUGIN(sluice::replay::ReplayInput)
