#include "journal/StoredState.h"

#include <algorithm>

#include "journal/Bytes.h"
#include "journal/Records.h"

namespace sluice {

std::string StoredState::blob() const {
    std::string out;
    ByteWriter to{out};
    to.text({epoch.data(), epoch.size()});
    to.number(reserved);
    to.number(position);
    to.number(isClean ? 1 : 0);
    to.text(policies);
    records::writeMemory(out, memory);
    return out;
}

StoredState StoredState::read(std::string_view blob) {
    ByteReader in{blob};
    StoredState state;
    const std::string_view epoch = in.text();
    if (epoch.size() != state.epoch.size()) throw BadBytes{};
    std::copy(epoch.begin(), epoch.end(), state.epoch.begin());
    state.reserved = in.number();
    state.position = in.number();
    state.isClean = in.upTo<int>(1) != 0;
    state.policies = in.text();
    state.memory = records::readMemory(in);
    return state;
}

}  // namespace sluice
