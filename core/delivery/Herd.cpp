#include "delivery/Herd.h"

#include "base/Assert.h"

namespace sluice {

void Herd::add(Subscriber& member) {
    member.herd = this;
    member.herdIndex = static_cast<std::uint32_t>(members.size());
    members.push_back(&member);
}

void Herd::remove(Subscriber& member) {
    SLUICE_ASSERT(member.herd == this);
    const auto put = [this](std::size_t to, std::size_t from) {
        members[to] = members[from];
        members[to]->herdIndex = static_cast<std::uint32_t>(to);
    };
    std::size_t hole = member.herdIndex;
    if (hole < unwritten) {
        --unwritten;
        put(hole, unwritten);
        hole = unwritten;
    }
    // The last one may just have moved: it is not to be told a place that is about to go.
    if (hole + 1 < members.size()) put(hole, members.size() - 1);
    members.pop_back();
    member.herd = nullptr;
}

}  // namespace sluice
