#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "Bad.h"

/// Has ten messages of a lane, reads the last two live, and sends them again as `mode` says.
namespace {

std::string mode;
std::vector<std::thread> threads;
std::atomic<int> cancelled{0};

sluice_lane lane() {
    return {bad::text("t"), 0, 0};
}

sluice_result send(std::uint64_t replay, std::uint64_t position) {
    const std::string payload = "\"" + std::to_string(position) + "\"";
    sluice_message message = bad::message(payload.c_str());
    message.flags = SLUICE_MESSAGE_HAS_LANE;
    message.lane = lane();
    message.position = {position, 0};
    return bad::host.push(bad::host.context, replay, &message, 1);
}

sluice_result end(const sluice_replay_request& request, std::uint32_t reason) {
    return bad::host.lost(bad::host.context, request.id, lane(), request.from, request.to, reason);
}

void replay(const sluice_replay_request& request) {
    std::uint64_t next = request.from.first;
    if (mode == "resets") {
        send(request.id, next);
        end(request, SLUICE_RESET);
        return;
    }
    if (mode == "expires") {
        next += 3;
        bad::host.lost(bad::host.context, request.id, lane(), request.from, {next, 0}, SLUICE_LOST);
    }
    for (; next < request.to.first; ++next) {
        if (send(request.id, next) != SLUICE_OK) return;
        if (mode == "fails") {
            end(request, SLUICE_FAILED);
            return;
        }
        if (mode == "goesBack") {
            send(request.id, next);
            return;
        }
        if (mode == "wrongLane") {
            bad::host.at(bad::host.context, request.id, {bad::text("u"), 0, 0}, request.to);
            return;
        }
        if (mode == "falls") {
            // The instance fails in the middle, once.
            mode = "";
            bad::host.health(bad::host.context, SLUICE_STATE_FAILED, bad::text("fell"),
                             bad::text(""), 0);
            return;
        }
    }
    bad::host.at(bad::host.context, request.id, lane(), request.to);
}

sluice_plugin_table make() {
    sluice_plugin_table table = bad::goodTable();
    table.flags = SLUICE_PLUGIN_REPLAYABLE;
    table.start = [](void*, const sluice_start_position* positions, size_t count, uint64_t) {
        sluice_text text{};
        if (count == 0 && bad::host.setting(bad::host.context, "/mode", &text) == 1)
            mode.assign(text.data, text.length);
        const std::uint64_t start = count > 0 ? positions[0].position.first : 8;
        const sluice_lane_ends ends{
            SLUICE_ENDS_KNOWN | SLUICE_ENDS_HAS_START, 0, {0, 0}, {10, 0}, {start, 0}};
        bad::host.lanes(bad::host.context, bad::text("t"), 1, {}, {}, &ends, 1);
        bad::running();
        for (std::uint64_t i = start; i < 10; ++i) send(0, i);
        return 0;
    };
    table.stop = [](void*, uint32_t) {
        for (std::thread& thread : threads) thread.join();
        threads.clear();
        return 0;
    };
    table.replay = [](void*, const sluice_replay_request* request) {
        if (mode == "refuses") return 1;
        if (mode != "silent")
            threads.emplace_back([asked = *request] {
                sluice_replay_request own = asked;
                replay(own);
            });
        return 0;
    };
    table.cancel = [](void*, uint64_t) { ++cancelled; };
    return table;
}

}  // namespace

BAD_PLUGIN(make)
