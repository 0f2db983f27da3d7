#pragma once

#include <map>
#include <string>
#include <vector>

#include "HubFixture.h"

namespace sluice {

/// A page that keeps a table of keys: it begins anew with a snapshot, and goes on with what
/// follows. Events are "KEY=POSITION", deletions of that type.
struct SnapshotReader {
    std::map<std::string, std::string> table;
    std::vector<std::string> live;  // data of the events since `sluice.sync`
    std::string lastId, syncId, sync;
    std::vector<property::ReadGap> gaps;

    void read(const std::vector<Seen>& blocks) {
        for (const Seen& block : blocks) readBlock(block);
    }
    void readBlock(const Seen& block) {
        if (block.event == "sluice.open" &&
            block.data.find(R"("snapshot":true)") != std::string::npos) {
            table.clear();
            live.clear();
            sync.clear();
        } else if (block.event == "sluice.sync") {
            sync = block.data;
            syncId = block.id;
        } else if (!block.event.starts_with("sluice.")) {
            take(block);
        }
        EXPECT_TRUE(!sync.empty() || block.id.empty()) << "an id before the snapshot's end";
        if (!block.id.empty()) lastId = block.id;
        for (property::ReadGap& gap : gapsOf({block})) gaps.push_back(std::move(gap));
    }
    void take(const Seen& block) {
        const std::size_t equals = block.data.find('=');
        const std::string key = block.data.substr(0, equals);
        const std::string value = block.data.substr(equals + 1);
        const auto known = table.find(key);
        const std::uint64_t before = known == table.end() ? 0 : std::stoull(known->second);
        EXPECT_GE(std::stoull(value), before) << "an older value of " << key;
        if (block.event == "delete")
            table.erase(key);
        else
            table[key] = value;
        if (!sync.empty()) live.push_back(block.data);
    }
};

}  // namespace sluice
