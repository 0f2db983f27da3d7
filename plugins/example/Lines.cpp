#include <deque>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <thread>

#include <sluice/plugin.hpp>

using namespace sluice::plugin;

/// The lines of a file that grows, step by step in docs/plugins.md. One lane, named as the input;
/// the position of a line is its first byte in the file.
class Lines {
  public:
    static constexpr Description kPlugin{
        "example", "1.0.0",
        R"({"type": "object", "required": ["file"], "additionalProperties": false,
        "properties": {"file": {"type": "string"}}})",
        /*replayable=*/true, /*separator=*/'.'};

    explicit Lines(Host& host) : host_(host), topic_(host.input()), file_(host.text("/file", "")) {
        host.expectKeys("", {"file"});
        if (file_.empty()) host.settingError("/file", "missing", "is needed", "write file: a.log");
    }
    static void check(Host& host) { Lines{host}; }
    void watch(std::span<const Pattern>) {}  // one topic: there is nothing to choose
    void start(std::span<const sluice_start_position> at, milliseconds) {
        thread_ = std::jthread([this, from = at.empty() ? 0 : at[0].position.first](auto stop) {
            host_.runThread("lines", [&] { read(stop, from); });
        });
    }
    void stop(milliseconds) { thread_ = std::jthread(); }  // asks it to end, and waits
    void query(std::span<const sluice_text> families) {
        for (const sluice_text& family : families)
            if (view(family) == topic_) declare(0, 0);
    }

  private:
    void read(const std::stop_token& stop, std::uint64_t at) {
        std::binary_semaphore stopped{0};
        const std::stop_callback wake(stop, [&] { stopped.release(); });
        declare(SLUICE_ENDS_HAS_START, at);
        host_.health(SLUICE_STATE_RUNNING, "running", "reading " + file_);
        for (bool more = true; !stopped.try_acquire_for(milliseconds{more ? 0 : 50});) {
            if (std::filesystem::file_size(file_) < at) {  // throws if it is gone: we have failed
                host_.lost(topic_, 0, {at, 0}, {0, 0}, SLUICE_RESET);
                at = 0;
            }
            more = pushFrom(at);
        }
    }
    /// Pushes the whole lines from there on, a thousand at most; false if there are none.
    bool pushFrom(std::uint64_t& at) {
        std::ifstream file(file_, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        std::deque<std::string> lines;  // they must not move: the batch only borrows
        Batch batch;
        for (std::string line; batch.size() < 1'000 && std::getline(file, line) && !file.eof();) {
            batch.add(topic_).payload(lines.emplace_back(line)).lane(topic_, 0, at);
            at += line.size() + 1;
        }
        if (!batch.empty()) host_.push(batch);
        return !lines.empty();
    }
    void declare(std::uint32_t flags, std::uint64_t start) {
        const std::uint64_t end = std::filesystem::file_size(file_);
        const sluice_lane_ends ends{flags | SLUICE_ENDS_KNOWN, 0, {0, 0}, {end, 0}, {start, 0}};
        host_.lanes(topic_, {&ends, 1});
    }

    Host& host_;
    const std::string topic_, file_;
    std::jthread thread_;  // last: it uses the others
};

SLUICE_PLUGIN(Lines)
