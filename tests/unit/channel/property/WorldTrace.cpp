#include <cstdio>

#include "World.h"

namespace sluice::property {

void World::traceOp(const Op& op) const {
    std::printf("%s:%x\n", std::string{nameOf(op.kind)}.c_str(), op.seed);
    for (const std::unique_ptr<Node>& node : nodes_) {
        HubSnapshot now;
        node->hub().snapshot(now);
        std::printf("  node %u horizon %lu W", node->index(),
                    static_cast<unsigned long>(now.horizon));
        for (LaneId lane = 1; lane < facts_.lanes.size(); ++lane) {
            if (!node->knows(lane)) continue;
            const Place next = node->next(lane);
            std::printf(" %u:%lu-%lu", lane, static_cast<unsigned long>(next.position.first),
                        static_cast<unsigned long>(next.position.second));
        }
        std::printf("\n");
    }
}

}  // namespace sluice::property
